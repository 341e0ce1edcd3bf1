use super::*;
use crate::model::encryption_headers::KeyText;
use crate::model::settings::encryption::{BlockedEncryption, BucketEncryption};

const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

/// Contents of a key header.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    None,
    Good,
    Of(usize),
    NotBase64,
}

/// Contents of an MD5 header.
#[derive(Clone, Copy, Debug, PartialEq)]
enum KeyMd5 {
    None,
    OfKey,
    OfText,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    sse: Option<&'static str>,
    algorithm: Option<&'static str>,
    key: Key,
    md5: KeyMd5,
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Kms,
    Stored,
    Customer([u8; 32]),
    Refused(Refusal),
}

impl Key {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Good => KEY.to_vec(),
            Self::Of(length) => vec![7; length],
            Self::None | Self::NotBase64 => Vec::new(),
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::NotBase64 => Some("this is not base64, whatever its length!!".to_owned()),
            Self::Good | Self::Of(_) => Some(BASE64_STANDARD.encode(self.bytes())),
        }
    }
}

impl Asked {
    fn headers(self) -> EncryptionHeaders {
        let md5 = |bytes: &[u8]| BASE64_STANDARD.encode(Md5::digest(bytes));
        EncryptionHeaders {
            sse: self.sse.map(str::to_owned),
            customer: CustomerHeaders {
                algorithm: self.algorithm.map(str::to_owned),
                key: self.key.text().map(KeyText::new),
                md5: match self.md5 {
                    KeyMd5::None => None,
                    KeyMd5::OfKey => Some(md5(&self.key.bytes())),
                    KeyMd5::OfText => Some(md5(self.key.text().unwrap_or_default().as_bytes())),
                    KeyMd5::Other => Some(md5(b"another key")),
                },
            },
            ..EncryptionHeaders::default()
        }
    }

    fn is_customer(self) -> bool {
        self.algorithm.is_some() || self.key != Key::None || self.md5 != KeyMd5::None
    }

    /// Returns the first error in the customer's headers, in the documented order: presence of each, algorithm, MD5,
    /// length.
    fn fault(self) -> Option<Refusal> {
        let faults = [
            (self.algorithm.is_none(), Refusal::MissingAlgorithm),
            (self.key == Key::None, Refusal::MissingKey),
            (self.md5 == KeyMd5::None, Refusal::MissingMd5),
            (
                self.algorithm != Some("AES256"),
                Refusal::UnknownAlgorithm(self.algorithm.unwrap_or_default().to_owned()),
            ),
            (self.key == Key::NotBase64, Refusal::InvalidKey(None)),
            (self.md5 != KeyMd5::OfKey, Refusal::Md5Mismatch),
            (
                self.key != Key::Good,
                Refusal::InvalidKey(Some(self.key.bytes().len())),
            ),
        ];
        faults
            .into_iter()
            .find(|(is_wrong, _)| *is_wrong)
            .map(|(_, refusal)| refusal)
    }
}

fn all() -> Vec<Asked> {
    let mut all = Vec::new();
    for sse in [
        None,
        Some("AES256"),
        Some("aws:kms"),
        Some("aws:kms:dsse"),
        Some("aes256"),
        Some(""),
    ] {
        for algorithm in [None, Some("AES256"), Some("AES128"), Some("aes256"), Some("")] {
            for key in [
                Key::None,
                Key::Good,
                Key::Of(1),
                Key::Of(10),
                Key::Of(24),
                Key::Of(31),
                Key::Of(33),
                Key::Of(44),
                Key::NotBase64,
            ] {
                for md5 in [KeyMd5::None, KeyMd5::OfKey, KeyMd5::OfText, KeyMd5::Other] {
                    all.push(Asked {
                        sse,
                        algorithm,
                        key,
                        md5,
                    });
                }
            }
        }
    }
    all
}

fn resolved(headers: EncryptionHeaders) -> Answer {
    match resolve(headers, &BucketSettings::default()) {
        Ok(Decision::S3) => Answer::Stored,
        Ok(Decision::Kms(_)) => Answer::Kms,
        Ok(Decision::Customer(key)) => Answer::Customer(*key.expose()),
        Err(refusal) => Answer::Refused(refusal),
    }
}

fn admitted(headers: EncryptionHeaders, mode: Mode) -> Answer {
    match admit(headers, mode) {
        Ok(ReadKey::Stored) => Answer::Stored,
        Ok(ReadKey::Customer(key)) => Answer::Customer(*key.expose()),
        Err(refusal) => Answer::Refused(refusal),
    }
}

#[test]
fn a_bucket_that_blocks_customer_keys_refuses_whatever_comes_with_one() {
    let bucket = BucketSettings {
        encryption: Some(BucketEncryption {
            blocked: Some(BlockedEncryption::CustomerKeys),
            ..BucketEncryption::default()
        }),
        ..BucketSettings::default()
    };
    for requested in all() {
        let refused = matches!(
            resolve(requested.headers(), &bucket),
            Err(Refusal::CustomerKeysBlocked)
        );
        assert_eq!(refused, requested.is_customer(), "{requested:?}");
        if !refused {
            let decided = |bucket| resolve(requested.headers(), bucket).map(|_| ());
            assert_eq!(
                decided(&bucket),
                decided(&BucketSettings::default()),
                "{requested:?}"
            );
        }
    }
}

#[test]
fn every_write_gets_the_documented_answer() {
    for requested in all() {
        let expected = match (requested.is_customer(), requested.sse) {
            (true, Some(sse)) => Answer::Refused(Refusal::Incompatible(sse.to_owned())),
            (true, None) => requested.fault().map_or(Answer::Customer(KEY), Answer::Refused),
            (false, None | Some("AES256")) => Answer::Stored,
            (false, Some("aws:kms")) => Answer::Kms,
            (false, Some("aws:kms:dsse")) => Answer::Refused(Refusal::TwoLayers),
            (false, Some(other)) => Answer::Refused(Refusal::UnknownMethod(other.to_owned())),
        };
        assert_eq!(resolved(requested.headers()), expected, "{requested:?}");
    }
}

#[test]
fn a_request_with_any_customer_header_is_never_stored_under_our_key() {
    let with_any = all().into_iter().filter(|requested| requested.is_customer());
    let mut sealed = 0;
    for requested in with_any {
        match resolved(requested.headers()) {
            Answer::Stored | Answer::Kms => panic!("{requested:?}"),
            Answer::Customer(key) => {
                assert_eq!(key, KEY);
                sealed += 1;
            }
            Answer::Refused(_) => {}
        }
    }
    assert_eq!(sealed, 1, "exactly one combination is valid");
}

#[test]
fn every_read_gets_the_documented_answer() {
    for requested in all() {
        for mode in [Mode::S3, Mode::Customer, Mode::Kms, Mode::Bucket] {
            let expected = match (requested.sse, mode == Mode::Customer, requested.is_customer()) {
                (Some(sse), _, _) => Answer::Refused(Refusal::SseOnRead(sse.to_owned())),
                (None, false, false) => Answer::Stored,
                (None, false, true) => Answer::Refused(Refusal::NotApplicable),
                (None, true, false) => Answer::Refused(Refusal::KeyNeeded),
                (None, true, true) => match requested.fault() {
                    None => Answer::Customer(KEY),
                    // The length cannot be any key's, so it is a wrong key.
                    Some(Refusal::InvalidKey(Some(_))) => Answer::Refused(Refusal::WrongKey),
                    Some(fault) => Answer::Refused(fault),
                },
            };
            assert_eq!(
                admitted(requested.headers(), mode),
                expected,
                "{requested:?} {mode:?}"
            );
        }
    }
}

/// The cases recorded from AWS, each with one error.
#[test]
fn the_recorded_rows_of_writes() {
    let good = Asked {
        sse: None,
        algorithm: Some("AES256"),
        key: Key::Good,
        md5: KeyMd5::OfKey,
    };
    assert_eq!(resolved(good.headers()), Answer::Customer(KEY));
    let rows = [
        (
            Asked {
                sse: Some("AES256"),
                ..good
            },
            Refusal::Incompatible("AES256".to_owned()),
        ),
        (
            // Checked before the algorithm.
            Asked {
                sse: Some("AES256"),
                algorithm: Some("AES128"),
                ..good
            },
            Refusal::Incompatible("AES256".to_owned()),
        ),
        (
            Asked {
                algorithm: Some("AES128"),
                ..good
            },
            Refusal::UnknownAlgorithm("AES128".to_owned()),
        ),
        (
            Asked {
                algorithm: None,
                ..good
            },
            Refusal::MissingAlgorithm,
        ),
        (
            Asked {
                key: Key::None,
                md5: KeyMd5::Other,
                ..good
            },
            Refusal::MissingKey,
        ),
        (
            Asked {
                key: Key::Of(10),
                ..good
            },
            Refusal::InvalidKey(Some(10)),
        ),
        (
            Asked {
                key: Key::Of(0),
                ..good
            },
            Refusal::InvalidKey(Some(0)),
        ),
        (
            Asked {
                key: Key::Of(44),
                ..good
            },
            Refusal::InvalidKey(Some(44)),
        ),
        (
            Asked {
                md5: KeyMd5::Other,
                ..good
            },
            Refusal::Md5Mismatch,
        ),
        (
            Asked {
                md5: KeyMd5::None,
                ..good
            },
            Refusal::MissingMd5,
        ),
        (
            // 32 characters that decode to 24 bytes: the MD5 is checked first.
            Asked {
                key: Key::Of(24),
                md5: KeyMd5::OfText,
                ..good
            },
            Refusal::Md5Mismatch,
        ),
    ];
    for (requested, refusal) in rows {
        assert_eq!(
            resolved(requested.headers()),
            Answer::Refused(refusal),
            "{requested:?}"
        );
    }
}

#[test]
fn the_key_of_the_guide_is_its_32_characters() {
    let headers = EncryptionHeaders {
        customer: CustomerHeaders {
            algorithm: Some("AES256".to_owned()),
            key: Some(KeyText::new(
                "MjM4MzJCQUMxNjUxNjE1MkU1NjBGOTMzRjI2MUJGMDM=".to_owned(),
            )),
            md5: Some("rjGuMdjLpPV1eRuotNaPMQ==".to_owned()),
        },
        ..EncryptionHeaders::default()
    };
    assert_eq!(
        resolved(headers),
        Answer::Customer(*b"23832BAC16516152E560F933F261BF03")
    );
}

#[test]
fn base64_that_is_almost_right_is_not_a_key() {
    let good = BASE64_STANDARD.encode([0xfb; 32]);
    let almost = [
        good.trim_end_matches('=').to_owned(),
        good.replace('+', "-"),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good}="),
        // Nonzero bits after the last byte.
        good.replace("s=", "t="),
    ];
    for text in almost {
        assert_ne!(text, good);
        let headers = EncryptionHeaders {
            customer: CustomerHeaders {
                algorithm: Some("AES256".to_owned()),
                key: Some(KeyText::new(text.clone())),
                md5: Some(BASE64_STANDARD.encode(Md5::digest([0xfb; 32]))),
            },
            ..EncryptionHeaders::default()
        };
        let refused = Answer::Refused(Refusal::InvalidKey(None));
        assert_eq!(resolved(headers), refused, "{text:?}");
    }
}

#[test]
fn no_refusal_quotes_a_key() {
    for requested in all() {
        for answer in [
            resolved(requested.headers()),
            admitted(requested.headers(), Mode::Customer),
        ] {
            let (Answer::Refused(refusal), Some(text)) = (answer, requested.key.text()) else {
                continue;
            };
            let told = format!("{refusal} {refusal:?}");
            assert!(text.is_empty() || !told.contains(&text), "{told}");
        }
    }
}
