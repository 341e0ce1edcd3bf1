use super::*;

fn shown(is_terminal: bool, gaps: &[u64]) -> String {
    let mut output = Vec::new();
    let mut now = Instant::now();
    let mut progress = Progress::new(&mut output, is_terminal, now);
    for (number, gap) in gaps.iter().enumerate() {
        now += Duration::from_millis(*gap);
        progress.tell_at(now, || number.to_string());
    }
    drop(progress);
    String::from_utf8(output).unwrap()
}

#[test]
fn a_terminal_has_one_line_that_is_cleared_at_the_end() {
    assert_eq!(shown(true, &[50, 50, 99, 1]), "\r\x1b[K1\r\x1b[K3\r\x1b[K");
    assert_eq!(shown(true, &[99]), "", "what is quick shows nothing");
}

#[test]
fn elsewhere_there_is_a_line_now_and_then() {
    assert_eq!(shown(false, &[4999, 1, 4999, 2000]), "1\n3\n");
}

#[test]
fn numbers_are_for_persons() {
    let sizes = [0, 1023, 1024, 1536, 102_400, 1 << 20, 5 << 30, u64::MAX];
    assert_eq!(
        sizes.map(bytes),
        [
            "0 B", "1023 B", "1.0 KiB", "1.5 KiB", "100 KiB", "1.0 MiB", "5.0 GiB", "15.9 EiB"
        ]
        .map(str::to_owned)
    );
    assert_eq!([0, 1, 2].map(versions), ["0 versions", "1 version", "2 versions"]);
    assert_eq!(share(1, 3), " 33 %");
    assert_eq!(share(7, 7), "100 %");
    assert_eq!(share(9, 7), "100 %", "more than was known at first");
    assert_eq!(share(0, 0), "100 %");
    assert_eq!(bar(1, 3), "[######..............]  33 %");
    assert_eq!(bar(0, 7), "[....................]   0 %");
    assert_eq!(bar(9, 7), "[####################] 100 %");
    assert_eq!(bar(0, 0), bar(u64::MAX, u64::MAX));
}
