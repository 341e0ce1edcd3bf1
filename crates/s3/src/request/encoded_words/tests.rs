use super::*;
use http::HeaderValue;

#[test]
fn words_of_both_encodings_and_any_charset_are_decoded() {
    for (sent, text) in [
        ("=?ISO-8859-1?Q?gro=DF?=", "groß"),
        ("=?iso-8859-1?q?gro=df?=", "groß"),
        ("=?ISO-8859-1?B?Z3Jv3w==?=", "groß"),
        ("=?UTF-8?B?Z3Jvw58?=", "groß"),
        ("=?utf-8?Q?a_b=20c?=", "a b c"),
        ("=?US-ASCII*en?Q?plain?=", "plain"),
        ("=?windows-1251?B?z/Do4uXy?=", "Привет"),
        ("=?Shift_JIS?B?k/qWew==?=", "日本"),
        ("=?KOI8-R?Q?=F0=D2?=", "Пр"),
        ("=?UTF-8?Q?a?= =?UTF-8?Q?b?=", "ab"),
        ("x =?UTF-8?Q?a?= y =?UTF-8?Q?b?= z", "x a y b z"),
        ("=? =?UTF-8?Q?a?=", "=? a"),
    ] {
        assert_eq!(decode(sent).as_deref(), Some(text), "{sent}");
    }
}

#[test]
fn other_text_stays() {
    for sent in [
        "",
        "plain",
        "=?",
        "=?UTF-8?Q?a",
        "=?nonsense?Q?a?=",
        "=?UTF-8?X?a?=",
        "=?UTF-8?B?*?=",
        "=?UTF-8?Q?=F?=",
        "=?UTF-8?Q?=FF?=",
    ] {
        assert_eq!(decode(sent), None, "{sent}");
    }
}

#[test]
fn metadata_is_taken_out_and_decoded() {
    let word = HeaderValue::from_static("=?ISO-8859-1?Q?gro=DF?=");
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-meta-a", word.clone());
    headers.insert("x-amz-meta-b", HeaderValue::from_static("=?nonsense?Q?a?="));
    headers.insert("x-amz-meta-", HeaderValue::from_static("no name"));
    headers.insert("content-disposition", word.clone());
    let metadata = take_metadata(&mut headers).unwrap();
    let pairs =
        [("a", "groß"), ("b", "=?nonsense?Q?a?=")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(metadata, BTreeMap::from(pairs));
    assert_eq!(headers.len(), 1);
    assert_eq!(headers["content-disposition"], word);
    headers.insert("x-amz-meta-c", HeaderValue::from_bytes(b"\xff").unwrap());
    assert!(take_metadata(&mut headers).is_err());
}
