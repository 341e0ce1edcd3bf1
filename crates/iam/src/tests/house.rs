//! A service on a store in memory, and clients that sign their requests.

use super::issuer::Published;
use crate::{AdminEvent, Components, Documents, Iam, Record, Settings, Transport};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{HeaderValue, Request};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use strongroom_access::{AccessKeys, Credentials, SecretAccessKey};
use strongroom_identity::signers::Signers;
use strongroom_identity::{Identities, Now};
use strongroom_rows::Rows;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{RowSeal, StoreKey, SystemRandom};
use strongroom_sigv4::canonical::SignedTexts;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature::Signature;
use strongroom_sigv4::signing_key::SigningKey;
use strongroom_store::Store;

/// 2026-11-30 00:00 UTC, in microseconds since 1970.
const BEGIN: u64 = 1_795_996_800_000_000;
pub(super) const ALLOW_ALL: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

/// Records as lines: action, entity, outcome.
#[derive(Default)]
pub(super) struct Records(Mutex<Vec<String>>);

impl Record for Records {
    fn record(&self, event: &AdminEvent<'_>) {
        let line = format!("{} {} {}", event.action, event.entity, event.outcome);
        self.0.lock().unwrap().push(line);
    }
}

impl Records {
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

pub(super) struct House {
    pub(super) iam: Iam,
    pub(super) identities: Identities,
    pub(super) records: Arc<Records>,
    pub(super) documents: Arc<Published>,
    time: Arc<AtomicU64>,
}

/// Credentials of a client.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: SecretAccessKey,
    pub(super) token: Option<String>,
}

/// Response: status, and the texts of the elements by their path below the root.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) document: String,
    texts: BTreeMap<String, Vec<String>>,
}

impl House {
    /// Opens a service, and returns the client of the first account's root user.
    pub(super) async fn new() -> (Self, Client) {
        let key = StoreKey::generate(&SystemRandom::default()).unwrap();
        let random = Arc::new(SystemRandom::default());
        let rows = Arc::new(Rows::new(Store::memory().index, RowSeal::new(&key), random));
        let time = Arc::new(AtomicU64::new(BEGIN));
        let clock = Arc::clone(&time);
        let now: Now = Arc::new(move || clock.load(Ordering::Relaxed));
        let random = Arc::new(SystemRandom::default());
        let opened = Identities::open(&rows, None, Arc::clone(&now), random);
        let identities = opened.await.unwrap();
        let root = Client {
            id: "SRAAAAAAAAAAAAAAAAAA".to_owned(),
            secret: SecretAccessKey::new("a secret of the root user".to_owned()),
            token: None,
        };
        let credentials = Credentials {
            access_key_id: root.id.clone(),
            secret: root.secret.clone(),
        };
        let records = Arc::new(Records::default());
        let documents = Arc::new(Published::default());
        let iam = Iam::new(Components {
            signers: Signers::new(identities.clone(), Arc::new(AccessKeys::new([credentials]))),
            settings: Settings {
                region: "here-1".to_owned(),
                plain_http_issuers: false,
            },
            now,
            random: Arc::new(SystemRandom::default()),
            record: Arc::clone(&records) as Arc<dyn Record>,
            documents: Arc::clone(&documents) as Arc<dyn Documents>,
        });
        let house = Self {
            iam,
            identities,
            records,
            documents,
            time,
        };
        (house, root)
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Returns the time in seconds since 1970.
    pub(super) fn seconds(&self) -> u64 {
        self.time.load(Ordering::Relaxed) / 1_000_000
    }

    pub(super) fn date(&self) -> String {
        let time = crate::instant::iso_8601(self.time.load(Ordering::Relaxed));
        time.replace(['-', ':'], "")
    }

    /// Sends an action of IAM or STS, by its version.
    pub(super) async fn send(&self, client: &Client, action: &str, parameters: &[(&str, &str)]) -> Answer {
        const OF_STS: [&str; 4] = [
            "GetCallerIdentity",
            "GetSessionToken",
            "GetAccessKeyInfo",
            "AssumeRole",
        ];
        let (service, version) = if OF_STS.contains(&action) {
            ("sts", "2011-06-15")
        } else {
            ("iam", "2010-05-08")
        };
        let mut form = format!("Action={action}&Version={version}");
        for (name, value) in parameters {
            write!(form, "&{name}={}", encode(value)).unwrap();
        }
        self.post(client, service, form).await
    }

    pub(super) async fn post(&self, client: &Client, service: &str, form: String) -> Answer {
        let request = self.signed(client, service, Request::post("/"), form);
        self.answer(request).await
    }

    /// Signs a request with a body.
    pub(super) fn signed(
        &self,
        client: &Client,
        service: &str,
        request: http::request::Builder,
        body: String,
    ) -> Request<String> {
        let date = self.date();
        let mut request = request
            .header("host", "localhost:9000")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("x-amz-date", &date)
            .body(body)
            .unwrap();
        let mut headers = vec!["content-type".to_owned(), "host".into(), "x-amz-date".into()];
        if let Some(token) = &client.token {
            headers.push("x-amz-security-token".into());
            let token = HeaderValue::try_from(token).unwrap();
            request.headers_mut().insert("x-amz-security-token", token);
        }
        let day = date.get(..8).unwrap();
        let mut signature = Signature {
            credential: format!("{}/{day}/us-east-1/{service}/aws4_request", client.id),
            headers,
            value: String::new(),
            presigned: false,
        };
        let payload = hex::encode(digest(&SHA256, request.body().as_bytes()));
        let query = Query::read(request.uri());
        let texts = SignedTexts::of(Head::from(&request), &query, &signature, &date, &payload);
        let key = SigningKey::derive(&client.secret, signature.scope());
        signature.value = hex::encode(key.sign(&texts.string_to_sign));
        let header = HeaderValue::try_from(signature.to_header()).unwrap();
        request.headers_mut().insert("authorization", header);
        request
    }

    /// Returns a presigned request for a query, which lives for a minute.
    pub(super) fn presigned(&self, client: &Client, query: &str) -> Request<String> {
        let date = self.date();
        let day = date.get(..8).unwrap();
        let credential = format!("{}/{day}/us-east-1/sts/aws4_request", client.id);
        let token = client.token.as_ref();
        let token = token.map_or(String::new(), |token| {
            format!("&X-Amz-Security-Token={}", encode(token))
        });
        let unsigned = format!(
            "/?{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={date}&X-Amz-Expires=60\
             &X-Amz-SignedHeaders=host{token}",
            encode(&credential)
        );
        let signature = Signature {
            credential,
            headers: vec!["host".into()],
            value: String::new(),
            presigned: true,
        };
        let request = |uri: &str| {
            let request = Request::get(uri).header("host", "localhost:9000");
            request.body(String::new()).unwrap()
        };
        let payload = hex::encode(digest(&SHA256, b""));
        let parsed = request(&unsigned);
        let query = Query::read(parsed.uri());
        let texts = SignedTexts::of(Head::from(&parsed), &query, &signature, &date, &payload);
        let key = SigningKey::derive(&client.secret, signature.scope());
        let value = hex::encode(key.sign(&texts.string_to_sign));
        request(&format!("{unsigned}&X-Amz-Signature={value}"))
    }

    pub(super) async fn answer(&self, request: Request<String>) -> Answer {
        let (head, body) = request.into_parts();
        let transport = Transport {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            secure: true,
        };
        let response = self.iam.answer(&head, Bytes::from(body), transport).await;
        let document = String::from_utf8(response.body().to_vec()).unwrap();
        Answer {
            status: response.status().as_u16(),
            texts: texts(&document),
            document,
        }
    }

    /// Creates a user with an access key, and returns its client.
    pub(super) async fn user(&self, root: &Client, name: &str) -> Client {
        self.send(root, "CreateUser", &[("UserName", name)]).await.ok();
        let key = self
            .send(root, "CreateAccessKey", &[("UserName", name)])
            .await
            .ok();
        key.client("CreateAccessKeyResult/AccessKey")
    }

    /// Sets an inline policy of a user.
    pub(super) async fn allow(&self, root: &Client, user: &str, document: &str) {
        let parameters = [
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", document),
        ];
        self.send(root, "PutUserPolicy", &parameters).await.ok();
    }
}

impl Answer {
    /// Requires success.
    #[track_caller]
    pub(super) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.document);
        self
    }

    /// Requires an error with this status and code, and returns its message.
    #[track_caller]
    pub(super) fn error(&self, status: u16, code: &str) -> String {
        let found = (self.status, self.text("Error/Code"));
        assert_eq!(found, (status, code), "{}", self.document);
        self.text("Error/Message").to_owned()
    }

    /// Returns the only text at a path.
    #[track_caller]
    pub(super) fn text(&self, path: &str) -> &str {
        let texts = self.texts(path);
        assert_eq!(texts.len(), 1, "{path} in {}", self.document);
        &texts[0]
    }

    pub(super) fn texts(&self, path: &str) -> &[String] {
        self.texts.get(path).map_or(&[], Vec::as_slice)
    }

    /// Returns the client of credentials in a response.
    pub(super) fn client(&self, path: &str) -> Client {
        let token = self.texts(&format!("{path}/SessionToken"));
        Client {
            id: self.text(&format!("{path}/AccessKeyId")).to_owned(),
            secret: SecretAccessKey::new(self.text(&format!("{path}/SecretAccessKey")).to_owned()),
            token: token.first().cloned(),
        }
    }
}

/// Percent-encodes a value of a form.
pub(super) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Reads the texts of a document by the paths of their elements below the root.
fn texts(document: &str) -> BTreeMap<String, Vec<String>> {
    let mut reader = Reader::from_str(document);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                path.push(String::from_utf8(element.name().as_ref().to_vec()).unwrap());
                text.clear();
            }
            Event::Text(part) => text += &part.decode().unwrap(),
            Event::GeneralRef(name) => {
                let entity = format!("&{};", name.decode().unwrap());
                text += &quick_xml::escape::unescape(&entity).unwrap();
            }
            Event::End(_) => {
                let below_root = path.get(1..).unwrap_or_default().join("/");
                texts
                    .entry(below_root)
                    .or_default()
                    .push(std::mem::take(&mut text));
                path.pop();
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}
