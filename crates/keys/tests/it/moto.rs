//! Tests with the API of AWS KMS as implemented by moto's server.

use crate::program::{Running, free_port, secret, wanted};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::SystemTime;
use strongroom_keys::kms::{Aws, AwsSettings, Context, KeyState, Kms, KmsError};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, SystemRandom};
use tempfile::TempDir;

struct Moto {
    folder: TempDir,
    port: u16,
    _running: Running,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests are where the time is injected"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

impl Moto {
    fn start() -> Option<Self> {
        let program = wanted()?.join("moto_server");
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let running = Running::start(&mut command, folder.path(), port);
        Some(Self {
            folder,
            port,
            _running: running,
        })
    }

    /// Sends a request of an administrator; moto does not check its signature.
    fn administer(&self, operation: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let credential = "Credential=admin/20260101/eu-central-1/kms/aws4_request";
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\
             content-type: application/x-amz-json-1.1\r\nx-amz-target: TrentService.{operation}\r\n\
             authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=00\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{operation}: {answer}");
        answer
    }

    /// Creates a key and returns its ARN.
    fn key(&self) -> String {
        let answer = self.administer("CreateKey", "{}");
        let (_, rest) = answer.split_once("\"Arn\": \"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn of_key(&self, operation: &str, arn: &str, more: &str) {
        // Moto does not accept ARNs here.
        let id = arn.rsplit('/').next().unwrap();
        self.administer(operation, &format!("{{\"KeyId\": \"{id}\"{more}}}"));
    }

    fn aws(&self) -> Aws {
        let file = "[default]\naws_access_key_id = AKID\naws_secret_access_key = SECRET\n";
        let settings = AwsSettings {
            region: "eu-central-1".to_owned(),
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            ca_file: None,
            credentials_file: secret(self.folder.path(), "credentials", file),
            profile: "default".to_owned(),
        };
        Aws::new(settings, now).unwrap()
    }
}

fn context() -> Context {
    Context::from([(
        "aws:s3:arn".to_owned(),
        "arn:aws:s3:::bucket/ä \"key\"".to_owned(),
    )])
}

#[tokio::test]
async fn keys_are_wrapped_and_opened_in_their_context_only() {
    let Some(moto) = Moto::start() else { return };
    let (arn, aws) = (moto.key(), moto.aws());
    let made = aws.generate(&arn, &context()).await.unwrap();
    let opened = aws.unwrap(&arn, &made.wrapped, &context()).await.unwrap();
    assert_eq!(opened.expose(), made.key.expose());
    let key = OuterKey::generate(&SystemRandom::default()).unwrap();
    let wrapped = aws.wrap(&arn, &key, &Context::new()).await.unwrap();
    let opened = aws.unwrap(&arn, &wrapped, &Context::new()).await.unwrap();
    assert_eq!(opened.expose(), key.expose());

    let refused = Some(KmsError::Refused(arn.clone()));
    let other_context = aws.unwrap(&arn, &made.wrapped, &Context::new()).await;
    assert_eq!(other_context.err(), refused);
    let mut bytes = made.wrapped;
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(aws.unwrap(&arn, &bytes, &context()).await.err(), refused);
}

#[tokio::test]
async fn names_lead_to_the_arn() {
    let Some(moto) = Moto::start() else { return };
    let (arn, aws) = (moto.key(), moto.aws());
    moto.administer(
        "CreateAlias",
        &format!("{{\"AliasName\": \"alias/mine\", \"TargetKeyId\": \"{arn}\"}}"),
    );
    let id = arn.rsplit('/').next().unwrap();
    for name in [arn.as_str(), id, "alias/mine"] {
        let description = aws.describe(name).await.unwrap();
        assert_eq!(
            (description.id, description.state),
            (arn.clone(), KeyState::Enabled),
            "{name}"
        );
    }
    for name in [
        "alias/none",
        "none",
        "arn:aws:kms:eu-central-1:123456789012:key/none",
    ] {
        let not_found = Some(KmsError::NotFound(name.to_owned()));
        assert_eq!(aws.describe(name).await.err(), not_found);
    }
}

#[tokio::test]
async fn disabled_and_deleted_keys_are_reported_as_such() {
    let Some(moto) = Moto::start() else { return };
    let (arn, aws) = (moto.key(), moto.aws());
    moto.of_key("DisableKey", &arn, "");
    assert_eq!(aws.describe(&arn).await.unwrap().state, KeyState::Disabled);
    moto.of_key("EnableKey", &arn, "");
    assert_eq!(aws.describe(&arn).await.unwrap().state, KeyState::Enabled);
    moto.of_key("ScheduleKeyDeletion", &arn, ", \"PendingWindowInDays\": 7");
    assert_eq!(aws.describe(&arn).await.unwrap().state, KeyState::Unusable);
}
