use super::*;

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
