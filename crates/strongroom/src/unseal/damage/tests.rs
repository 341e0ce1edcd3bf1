use super::*;

#[test]
fn chunks_begin_anew_with_each_part() {
    let chunks = Chunks::of(200_007, [100_000, 0, 100_007].into_iter());
    assert_eq!(chunks.length(), 200_007);
    for (at, chunk) in [
        (0, 0..65_536),
        (65_535, 0..65_536),
        (65_536, 65_536..100_000),
        (99_999, 65_536..100_000),
        (100_000, 100_000..165_536),
        (200_006, 165_536..200_007),
        (200_007, 200_007..200_007),
    ] {
        assert_eq!(chunks.around(at), chunk, "around {at}");
    }
    assert_eq!(chunks.part(100_000), (2, 100_000..200_007));
}

#[test]
fn an_object_that_was_put_whole_is_one_part() {
    let chunks = Chunks::of(70_000, std::iter::empty());
    assert_eq!(chunks.around(69_999), 65_536..70_000);
    assert_eq!(Chunks::of(0, std::iter::empty()).around(0), 0..0);
}

#[test]
fn the_message_says_what_to_do() {
    let mut damage = Damage {
        object: "film".to_owned(),
        at: 65_536,
        kept: None,
        again: Some(131_072),
        source: Error::Damaged("chunk 1".to_owned()),
    };
    let text = damage.to_string();
    assert!(text.contains("from byte 65536 ("), "{text}");
    assert!(text.contains("--keep-part"), "{text}");
    assert!(text.ends_with("--range 131072-"), "{text}");
    damage.kept = Some("film.part".into());
    damage.again = None;
    let text = damage.to_string();
    assert!(text.contains("are in film.part"), "{text}");
    assert!(!text.contains("--range"), "{text}");
}
