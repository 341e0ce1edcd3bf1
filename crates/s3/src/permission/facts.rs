//! What policies may look at in a request.

use crate::request::document::Document;
use crate::request::extracted::ExtractedHeaders;
use crate::request::query::Query;
use crate::request::signer::{SignedBy, Who};
use crate::request::transport::Transport;
use http::{Extensions, HeaderMap};
use percent_encoding::percent_decode_str;
use s3s::dto::{Timestamp, TimestampFormat};
use std::sync::Arc;
use strongroom_access::ROOT_ACCOUNT;
use strongroom_access::policy::{Conditions, Principal, key};
use strongroom_engine::encryption::{AES256, AWS_KMS, Encrypted};
use strongroom_engine::tags::Tags;
use strongroom_engine::{Mode, VersionName};
use time::OffsetDateTime;
use time::macros::format_description;

/// Headers that policies may look at, by the name they have there.
const HEADERS: [(&str, &str); 8] = [
    (key::ACL, "x-amz-acl"),
    (key::CONTENT_SHA256, "x-amz-content-sha256"),
    (key::COPY_SOURCE, "x-amz-copy-source"),
    (key::METADATA_DIRECTIVE, "x-amz-metadata-directive"),
    (key::STORAGE_CLASS, "x-amz-storage-class"),
    (key::WEBSITE_REDIRECT_LOCATION, "x-amz-website-redirect-location"),
    (key::USER_AGENT, "user-agent"),
    (key::REFERER, "referer"),
];
/// Those of a new object's lock.
const LOCK_HEADERS: [(&str, &str); 3] = [
    (key::OBJECT_LOCK_LEGAL_HOLD, "x-amz-object-lock-legal-hold"),
    (key::OBJECT_LOCK_MODE, "x-amz-object-lock-mode"),
    (
        key::OBJECT_LOCK_RETAIN_UNTIL_DATE,
        "x-amz-object-lock-retain-until-date",
    ),
];
/// Operations that make an object, and take its tags and its lock from headers.
pub(super) const MAKE_OBJECTS: [&str; 3] = ["PutObject", "CopyObject", "CreateMultipartUpload"];
/// Parameters that policies may look at.
const PARAMETERS: [(&str, &str); 3] = [
    (key::PREFIX, "prefix"),
    (key::DELIMITER, "delimiter"),
    (key::MAX_KEYS, "max-keys"),
];

/// Condition keys of a request and their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts(Vec<(String, String)>);

impl Facts {
    pub(super) fn of(
        who: Who,
        operation: &str,
        query: &Query,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Self {
        let mut facts = Self::default();
        let now = OffsetDateTime::now_utc();
        facts.add(key::EPOCH_TIME, now.unix_timestamp().to_string());
        let mut text = Vec::new();
        // Writing to memory does not fail, and the time that it is now can be written.
        let _ = Timestamp::from(now).format(TimestampFormat::DateTime, &mut text);
        facts.add(key::CURRENT_TIME, String::from_utf8_lossy(&text).into_owned());
        if let Some(transport) = extensions.get::<Transport>() {
            facts.add(key::SECURE_TRANSPORT, transport.secure.to_string());
            facts.add(key::SOURCE_IP, transport.peer.to_canonical().to_string());
        }
        let makes_object = MAKE_OBJECTS.contains(&operation);
        let of_lock = LOCK_HEADERS.into_iter().filter(|_| makes_object);
        for (name, header) in HEADERS.into_iter().chain(of_lock) {
            if let Some(value) = headers.get(header) {
                facts.add(name, String::from_utf8_lossy(value.as_bytes()).into_owned());
            }
        }
        for (name, parameter) in PARAMETERS {
            if let Some(value) = query.get(parameter) {
                facts.add(name, value.to_owned());
            }
        }
        if let Some(taken) = extensions.get::<Arc<ExtractedHeaders>>() {
            for (name, value) in taken.encryption.facts() {
                facts.add(name, value);
            }
        }
        facts.add(key::RESOURCE_ACCOUNT, ROOT_ACCOUNT.to_owned());
        if who == Who::Owner {
            facts.add_signature(extensions.get::<SignedBy>(), now);
        }
        if makes_object {
            facts.add_new_tags(headers);
        } else {
            facts.add_document(operation, extensions);
        }
        facts
    }

    /// Tags, locks and keys that a document brings.
    fn add_document(&mut self, operation: &str, extensions: &Extensions) {
        let document = |root| Document::of(extensions, root).ok();
        match operation {
            "PutObjectTagging" => {
                let tags = document("Tagging").and_then(|tagging| tagging.find("TagSet").ok()?);
                for tag in tags.iter().flat_map(|tags| tags.each("Tag")) {
                    let text = |name| tag.text_of(name).ok().flatten().unwrap_or_default().to_owned();
                    self.add_new_tag(&text("Key"), text("Value"));
                }
            }
            "PutObjectRetention" => {
                let retention = document("Retention");
                let word = |name| retention?.word_of(name).ok()?.map(str::to_owned);
                for (name, value) in [
                    (key::OBJECT_LOCK_MODE, word("Mode")),
                    (key::OBJECT_LOCK_RETAIN_UNTIL_DATE, word("RetainUntilDate")),
                ] {
                    if let Some(value) = value {
                        self.add(name, value);
                    }
                }
            }
            "PutObjectLegalHold" => {
                let status = document("LegalHold").and_then(|hold| hold.word_of("Status").ok()?);
                if let Some(status) = status {
                    self.add(key::OBJECT_LOCK_LEGAL_HOLD, status.to_owned());
                }
            }
            "UpdateObjectEncryption" => {
                let wish = document("ObjectEncryption");
                let kms = wish.and_then(|wish| wish.find("SSE-KMS").ok()?);
                let mode = if kms.is_some() { AWS_KMS } else { AES256 };
                self.add(key::SSE, mode.to_owned());
                if let Some(id) = kms.and_then(|kms| kms.word_of("KMSKeyArn").ok()?) {
                    self.add(key::SSE_KMS_KEY_ID, id.to_owned());
                }
            }
            _ => {}
        }
    }

    fn add_new_tag(&mut self, name: &str, value: String) {
        self.add(key::REQUEST_OBJECT_TAG_KEYS, name.to_owned());
        self.add(&format!("{}{name}", key::REQUEST_OBJECT_TAG), value);
    }

    /// Which version is meant.
    pub(super) fn add_version(&mut self, version: VersionName) {
        self.add(key::VERSION_ID, version.to_string());
    }

    fn add_signature(&mut self, signed: Option<&SignedBy>, now: OffsetDateTime) {
        self.add(key::SIGNATURE_VERSION, "AWS4-HMAC-SHA256".to_owned());
        let kind = match signed {
            Some(SignedBy::Query(date)) => {
                let form = format_description!("[year][month][day]T[hour][minute][second]Z");
                if let Ok(since) = time::PrimitiveDateTime::parse(date, form) {
                    let age = (now - since.assume_utc()).whole_milliseconds().max(0);
                    self.add(key::SIGNATURE_AGE, age.to_string());
                }
                "REST-QUERY-STRING"
            }
            Some(SignedBy::Form) => "POST",
            Some(SignedBy::Header) | None => "REST-HEADER",
        };
        self.add(key::AUTH_TYPE, kind.to_owned());
    }

    /// Tags that an object is to get.
    fn add_new_tags(&mut self, headers: &HeaderMap) {
        let Some(tags) = headers.get("x-amz-tagging").and_then(|tags| tags.to_str().ok()) else {
            return;
        };
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        for pair in tags.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.add_new_tag(&decode(name), decode(value));
        }
    }

    /// How an upload that goes on is encrypted, in place of what the request says.
    pub(super) fn set_encryption(&mut self, encrypted: &Encrypted) {
        let of_requests = [key::SSE, key::SSE_KMS_KEY_ID, key::SSE_CUSTOMER_ALGORITHM];
        self.0.retain(|(name, _)| !of_requests.contains(&name.as_str()));
        match (&encrypted.kms, encrypted.mode) {
            (_, Mode::Customer) => self.add(key::SSE_CUSTOMER_ALGORITHM, AES256.to_owned()),
            (Some(kms), _) => {
                self.add(key::SSE, AWS_KMS.to_owned());
                self.add(key::SSE_KMS_KEY_ID, kms.key_id.clone());
            }
            (None, _) => self.add(key::SSE, AES256.to_owned()),
        }
    }

    /// Tags that the object has.
    pub(super) fn add_existing_tags(&mut self, tags: &Tags) {
        for (name, value) in tags.iter() {
            self.add(&format!("{}{name}", key::EXISTING_OBJECT_TAG), value.to_owned());
        }
    }

    fn add(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    pub(super) fn conditions<'a>(&'a self, principal: Principal<'a>) -> Conditions<'a> {
        let mut conditions = Conditions::of(&principal);
        for (name, value) in &self.0 {
            conditions.add(name.as_str(), value.as_str());
        }
        conditions
    }
}
