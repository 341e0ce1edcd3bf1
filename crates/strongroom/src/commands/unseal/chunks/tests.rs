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
