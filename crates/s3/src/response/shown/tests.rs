use super::*;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

#[test]
fn keys_are_not_shown_in_any_form() {
    for byte in [0_u8, 0x3f, 0xfb, 0xff] {
        let key = [byte; 32];
        for form in [
            BASE64_STANDARD.encode(key),
            hex::encode(key),
            hex::encode_upper(key),
        ] {
            let text = format!("Policy Condition failed: [\"eq\", \"$acl\", \"{form}\"]");
            assert!(may_have_key(&text));
            assert!(!in_error(&text).contains(form.trim_end_matches('=')), "{form}");
            assert!(in_error(&text).starts_with("Policy Condition failed: [\"eq\", \"$acl\", \"(not shown)"));
            assert_eq!(of_encryption(&form), HIDDEN);
        }
        assert_eq!(of_encryption(&BASE64_URL_SAFE.encode(key)), HIDDEN);
        assert_eq!(of_encryption(&hex::encode([byte; 16])), HIDDEN);
    }
}

#[test]
fn other_texts_are_shown() {
    for text in [
        "",
        "é",
        "aws:kms",
        "x-amz-copy-source-server-side-encryption-customer-key-MD5",
        "A header or query you provided implies functionality: PutBucketIntelligentTieringConfiguration",
        "9bb58f26192e4ba00f01e2e7b136bbd8-12",
        "arn:aws:iam::000000000000:user/somebody",
        "Your socket connection to the server was not read from or written to within the timeout period.",
    ] {
        assert_eq!(in_error(text), text);
    }
}
