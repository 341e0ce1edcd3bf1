use super::*;

#[test]
fn what_is_written_is_read_again() {
    for (text, sealing) in [
        ("sse-s3", Sealing::S3),
        ("sse-kms", Sealing::Kms(None)),
        ("sse-kms:payroll", Sealing::Kms(Some("payroll".to_owned()))),
        (
            "sse-kms:arn:aws:kms:eu-central-1:1:key/2",
            Sealing::Kms(Some("arn:aws:kms:eu-central-1:1:key/2".to_owned())),
        ),
    ] {
        assert_eq!(text.parse(), Ok(sealing.clone()));
        assert_eq!(sealing.to_string(), text);
        let told = serde_json::to_string(&sealing).unwrap();
        assert_eq!(serde_json::from_str::<Sealing>(&told).unwrap(), sealing);
    }
}

#[test]
fn other_words_are_refused() {
    for text in [
        "",
        "sse-c",
        "SSE-S3",
        "sse-kms:",
        "sse-s3:key",
        "payroll",
        ":payroll",
    ] {
        assert_eq!(text.parse::<Sealing>(), Err(NoSealing), "{text:?}");
    }
}

#[test]
fn without_a_key_it_is_any_or_the_default_one() {
    let any = Sealing::Kms(None);
    assert_eq!(any.chosen(), Chosen::Kms(None));
    let wish = any.wish(true).unwrap();
    assert_eq!((wish.key, wish.bucket_key), (None, true));
    assert!(Sealing::S3.wish(true).is_none());
}
