//! Condition keys of a request: the values that policies may look at.

use crate::request::context::Authenticated;
use crate::request::extracted::copy_source;
use crate::request::operation::{Operation, Trait};
use crate::request::signer::SignedBy;
use crate::request::tag_header;
use http::HeaderMap;
use s3s::dto::{CopySource, Timestamp, TimestampFormat};
use strongroom_access::policy::key;
use strongroom_engine::Mode;
use strongroom_engine::encryption::{AES256, AWS_KMS, Encrypted};
use strongroom_permission::RequestConditions;
use strongroom_sigv4::query::Query;
use time::OffsetDateTime;
use time::macros::format_description;

/// Headers that policies may look at, by condition key.
const HEADERS: [(&str, &str); 13] = [
    (key::ACL, "x-amz-acl"),
    (key::GRANT_FULL_CONTROL, "x-amz-grant-full-control"),
    (key::GRANT_READ, "x-amz-grant-read"),
    (key::GRANT_READ_ACP, "x-amz-grant-read-acp"),
    (key::GRANT_WRITE, "x-amz-grant-write"),
    (key::GRANT_WRITE_ACP, "x-amz-grant-write-acp"),
    (key::OBJECT_OWNERSHIP, "x-amz-object-ownership"),
    (key::CONTENT_SHA256, "x-amz-content-sha256"),
    (key::METADATA_DIRECTIVE, "x-amz-metadata-directive"),
    (key::STORAGE_CLASS, "x-amz-storage-class"),
    (key::WEBSITE_REDIRECT_LOCATION, "x-amz-website-redirect-location"),
    (key::USER_AGENT, "user-agent"),
    (key::REFERER, "referer"),
];
/// Lock headers of a new object, by condition key.
const LOCK_HEADERS: [(&str, &str); 3] = [
    (key::OBJECT_LOCK_LEGAL_HOLD, "x-amz-object-lock-legal-hold"),
    (key::OBJECT_LOCK_MODE, "x-amz-object-lock-mode"),
    (
        key::OBJECT_LOCK_RETAIN_UNTIL_DATE,
        "x-amz-object-lock-retain-until-date",
    ),
];
/// Query parameters that policies may look at, by condition key.
const PARAMETERS: [(&str, &str); 3] = [
    (key::PREFIX, "prefix"),
    (key::DELIMITER, "delimiter"),
    (key::MAX_KEYS, "max-keys"),
];

/// Returns the condition keys of a request.
pub(super) fn of(
    request: &Authenticated,
    operation: &Operation,
    query: &Query,
    headers: &HeaderMap,
) -> RequestConditions {
    let mut conditions = RequestConditions::default();

    // Time and connection.
    let now = OffsetDateTime::now_utc();
    conditions.add(key::EPOCH_TIME, now.unix_timestamp().to_string());
    let mut text = Vec::new();
    // Writing to memory does not fail, and the current time can be written.
    let _ = Timestamp::from(now).format(TimestampFormat::DateTime, &mut text);
    conditions.add(key::CURRENT_TIME, String::from_utf8_lossy(&text));
    conditions.add(key::SECURE_TRANSPORT, request.transport.secure.to_string());
    let peer = request.transport.peer.to_canonical();
    conditions.add(key::SOURCE_IP, peer.to_string());

    // Headers and query parameters.
    let creates_object = operation.is(Trait::creates_object);
    let of_lock = LOCK_HEADERS.into_iter().filter(|_| creates_object);
    for (name, header) in HEADERS.into_iter().chain(of_lock) {
        if let Some(value) = headers.get(header) {
            conditions.add(name, String::from_utf8_lossy(value.as_bytes()));
        }
    }
    // As the operation reads it, decoded and without the version: a rule about an object is about all its versions. Both
    // ways to write a source are values, so that a rule may use either.
    if let Some(CopySource::Bucket {
        bucket, key: object, ..
    }) = copy_source(headers)
    {
        conditions.add(key::COPY_SOURCE, format!("{bucket}/{object}"));
        conditions.add(key::COPY_SOURCE, format!("/{bucket}/{object}"));
    }
    for (name, parameter) in PARAMETERS {
        if let Some(value) = query.get(parameter) {
            conditions.add(name, value);
        }
    }
    for (name, value) in request.headers.encryption.conditions() {
        conditions.add(name, value);
    }

    // Region and signature.
    conditions.add(key::REQUESTED_REGION, request.settings.region.clone());
    if request.is_signed() {
        add_signature(&mut conditions, &request.signed_by, now);
    }

    // Tags, locks and keys that the object is to get.
    if creates_object {
        add_tagging_header(&mut conditions, headers);
    } else {
        add_document(&mut conditions, operation.name, request);
    }
    conditions
}

/// Replaces the encryption of the request by the one that its upload was created with.
pub(super) fn set_encryption(conditions: &mut RequestConditions, encrypted: &Encrypted) {
    conditions.remove(&[key::SSE, key::SSE_KMS_KEY_ID, key::SSE_CUSTOMER_ALGORITHM]);
    match (&encrypted.kms, encrypted.mode) {
        (_, Mode::Customer) => conditions.add(key::SSE_CUSTOMER_ALGORITHM, AES256),
        (Some(kms), _) => {
            conditions.add(key::SSE, AWS_KMS);
            conditions.add(key::SSE_KMS_KEY_ID, kms.key_id.clone());
        }
        (None, _) => conditions.add(key::SSE, AES256),
    }
}

fn add_signature(conditions: &mut RequestConditions, signed_by: &SignedBy, now: OffsetDateTime) {
    conditions.add(key::SIGNATURE_VERSION, "AWS4-HMAC-SHA256");
    let kind = match signed_by {
        SignedBy::Query(date) => {
            let form = format_description!("[year][month][day]T[hour][minute][second]Z");
            if let Ok(since) = time::PrimitiveDateTime::parse(date, form) {
                let age = (now - since.assume_utc()).whole_milliseconds().max(0);
                conditions.add(key::SIGNATURE_AGE, age.to_string());
            }
            "REST-QUERY-STRING"
        }
        SignedBy::Form => "POST",
        SignedBy::Header => "REST-HEADER",
    };
    conditions.add(key::AUTH_TYPE, kind);
}

/// Adds the tags in `x-amz-tagging`.
fn add_tagging_header(conditions: &mut RequestConditions, headers: &HeaderMap) {
    let Some(tags) = headers.get("x-amz-tagging").and_then(|tags| tags.to_str().ok()) else {
        return;
    };
    for (name, value) in tag_header::pairs(tags).unwrap_or_default() {
        add_new_tag(conditions, &name, &value);
    }
}

/// Adds the tags, locks and keys in the document of a request.
fn add_document(conditions: &mut RequestConditions, operation: &str, request: &Authenticated) {
    let document = |root| request.document(root).ok();
    match operation {
        "PutObjectTagging" => {
            let tags = document("Tagging").and_then(|tagging| tagging.find("TagSet").ok()?);
            for tag in tags.iter().flat_map(|tags| tags.each("Tag")) {
                let text = |name| tag.text_of(name).ok().flatten().unwrap_or_default();
                add_new_tag(conditions, text("Key"), text("Value"));
            }
        }
        "PutObjectRetention" => {
            let retention = document("Retention");
            let word = |name| retention?.word_of(name).ok()?;
            for (name, value) in [
                (key::OBJECT_LOCK_MODE, word("Mode")),
                (key::OBJECT_LOCK_RETAIN_UNTIL_DATE, word("RetainUntilDate")),
            ] {
                if let Some(value) = value {
                    conditions.add(name, value);
                }
            }
        }
        "PutObjectLegalHold" => {
            let status = document("LegalHold").and_then(|hold| hold.word_of("Status").ok()?);
            if let Some(status) = status {
                conditions.add(key::OBJECT_LOCK_LEGAL_HOLD, status);
            }
        }
        "UpdateObjectEncryption" => {
            let encryption = document("ObjectEncryption");
            let kms = encryption.and_then(|encryption| encryption.find("SSE-KMS").ok()?);
            conditions.add(key::SSE, if kms.is_some() { AWS_KMS } else { AES256 });
            if let Some(id) = kms.and_then(|kms| kms.word_of("KMSKeyArn").ok()?) {
                conditions.add(key::SSE_KMS_KEY_ID, id);
            }
        }
        _ => {}
    }
}

/// Adds a tag that the object is to get.
fn add_new_tag(conditions: &mut RequestConditions, name: &str, value: &str) {
    conditions.add(key::REQUEST_OBJECT_TAG_KEYS, name);
    conditions.add(&format!("{}{name}", key::REQUEST_OBJECT_TAG), value);
}
