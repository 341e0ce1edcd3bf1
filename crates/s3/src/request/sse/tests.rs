use super::*;
use http::HeaderName;
use strongroom_engine::encryption::{self, Decision, KmsInfo, Refusal};
use strongroom_engine::settings::BucketSettings;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(n, v): &(&str, &str)| {
        (
            n.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(v).unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

fn taken(pairs: &[(&str, &str)]) -> EncryptionHeaders {
    let mut headers = headers(pairs);
    let taken = Encryption::take(&mut headers);
    assert!(headers.is_empty(), "what is taken must not stay");
    taken.headers()
}

fn resolve(headers: EncryptionHeaders) -> Result<Decision, Refusal> {
    encryption::resolve(headers, &BucketSettings::default())
}

/// Key of the user guide, as the AWS CLI sends it.
const CUSTOMER: [(&str, &str); 3] = [
    (ALGORITHM, "AES256"),
    (KEY, "MjM4MzJCQUMxNjUxNjE1MkU1NjBGOTMzRjI2MUJGMDM="),
    (KEY_MD5, "rjGuMdjLpPV1eRuotNaPMQ=="),
];

#[test]
fn every_known_header_reaches_the_resolver() {
    assert!(matches!(resolve(taken(&CUSTOMER)), Ok(Decision::Customer(_))));
    assert!(matches!(resolve(taken(&[])), Ok(Decision::S3)));
    assert!(matches!(resolve(taken(&[(SSE, "AES256")])), Ok(Decision::S3)));
    for (name, value) in [
        (SSE, "aws:kms:dsse"),
        (KMS_KEY_ID, "id"),
        (CONTEXT, "e30="),
        (BUCKET_KEY, "true"),
        (ALGORITHM, "AES256"),
        (KEY, "a"),
        (KEY_MD5, "a"),
    ] {
        assert!(
            resolve(taken(&[(name, value)])).is_err(),
            "{name} alone must be refused"
        );
    }
    let both = [CUSTOMER.as_slice(), &[(SSE, "AES256")]].concat();
    assert_eq!(
        resolve(taken(&both)).err(),
        Some(Refusal::Incompatible("AES256".into()))
    );
}

#[test]
fn keys_that_are_no_text_are_refused_without_quoting_them() {
    let mut map = headers(&CUSTOMER);
    map.insert(KEY, HeaderValue::from_bytes(b"secret\xff").unwrap());
    let refusal = check_form(&map).unwrap_err();
    assert!(!format!("{refusal:?}").contains("secret"));
}

fn encrypted(mode: Mode) -> Encrypted {
    Encrypted { mode, kms: None }
}

#[test]
fn the_key_of_a_service_is_told_to_everybody_and_what_it_is_bound_to_to_writers() {
    let of_service = Encrypted {
        mode: Mode::Kms,
        kms: Some(KmsInfo {
            key_id: "arn:aws:kms:key/k".into(),
            bucket_key: true,
            context: [("a".into(), "b".into())].into(),
        }),
    };
    let all = [
        (SSE, "aws:kms"),
        (KMS_KEY_ID, "arn:aws:kms:key/k"),
        (BUCKET_KEY, "true"),
        (CONTEXT, "eyJhIjoiYiJ9"),
    ];
    let encryption = Encryption::take(&mut HeaderMap::new());
    let mut written = HeaderMap::new();
    encryption.write_headers(&of_service, &mut written);
    assert_eq!(written, headers(&all[..3]));
    let mut written = HeaderMap::new();
    encryption.write_headers_to_writer(&of_service, &mut written);
    assert_eq!(written, headers(&all));
}

#[test]
fn answers_tell_the_md5_and_never_the_key() {
    let mut written = HeaderMap::new();
    Encryption::take(&mut headers(&CUSTOMER)).write_headers(&encrypted(Mode::Customer), &mut written);
    assert_eq!(written, headers(&[CUSTOMER[0], CUSTOMER[2]]));
    let mut written = HeaderMap::new();
    Encryption::take(&mut headers(&CUSTOMER)).write_headers(&encrypted(Mode::S3), &mut written);
    assert_eq!(written, headers(&[(SSE, "AES256")]));
}
