use super::*;

#[test]
fn names_cannot_hide_what_they_are() {
    let shown = |text| name(text).into_string();
    assert_eq!(
        shown("a<b>&\"c"),
        "<bdi class=\"name\" title=\"a&lt;b&gt;&amp;&quot;c\">a&lt;b&gt;&amp;&quot;c</bdi>"
    );
    assert!(shown("x\u{202e}gpj.exe").contains("x<span class=\"code\">U+202E</span>gpj.exe"));
    assert_eq!(plain(" a b "), "[U+0020]a b[U+0020]");
    assert_eq!(plain("\n"), "[U+000A]");
    assert_eq!(plain("tab\there\u{200b}"), "tab[U+0009]here[U+200B]");
    assert_eq!(plain("Größe 🔑"), "Größe 🔑");
    assert_eq!(plain(""), "");
}

#[test]
fn sizes_have_three_digits() {
    let sizes = [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (1536, "1.50 KiB"),
        (10_230, "9.99 KiB"),
        (10_240, "10.0 KiB"),
        (102_400, "100 KiB"),
        (1_023_500, "0.98 MiB"),
        (1 << 20, "1.00 MiB"),
        (5 << 30, "5.00 GiB"),
        (u64::MAX, "16.0 EiB"),
    ];
    for (bytes, text) in sizes {
        let (number, unit) = short_size(bytes);
        assert_eq!(format!("{number} {unit}"), text, "{bytes}");
    }
    assert_eq!(grouped(1_204_551), "1,204,551");
    assert_eq!(grouped(12), "12");
}

#[test]
fn times_are_relative_for_a_week() {
    let now = 1_800_000_000_000_000;
    let before = |seconds: u64| ago(now - seconds * 1_000_000, now);
    assert_eq!(before(0), "just now");
    assert_eq!(before(120), "2 min ago");
    assert_eq!(before(7200), "2 h ago");
    assert_eq!(before(6 * 86_400), "6 d ago");
    assert_eq!(before(7 * 86_400), "8 Jan 2027");
    assert_eq!(full_text(now), "15 Jan 2027, 08:00:00 UTC");
    assert_eq!(count(1, "file", "files"), "1 file");
    assert_eq!(count(1200, "file", "files"), "1,200 files");
}
