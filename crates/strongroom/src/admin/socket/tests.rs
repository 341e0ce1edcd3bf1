use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;

use super::*;
use crate::admin::fixture::{Fixture, endpoint};

struct Server {
    fixture: Fixture,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let fixture = Fixture::new().await;
        let socket = AdminSocket::bind(fixture.directory.path()).unwrap();
        Self {
            serving: tokio::spawn(socket.serve(fixture.host.core.clone(), endpoint())),
            fixture,
        }
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.fixture.directory.path().join("admin.sock"))
            .await
            .unwrap()
    }

    /// Returns the status of a request, and the body of the response.
    async fn response(&self, head: &str) -> (u16, String) {
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        // If the server did not read the whole request, the response ends with a reset.
        let _ = stream.read_to_end(&mut response).await;
        let response = String::from_utf8(response).unwrap();
        // If there are too many connections, there is no response.
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or(("HTTP/1.1 0", "null"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    async fn ask(&self) -> (u16, Value) {
        let (status, body) = self
            .response("GET /v1/endpoint HTTP/1.1\r\nhost: x\r\n\r\n")
            .await;
        (status, serde_json::from_str(&body).unwrap())
    }
}

#[tokio::test]
async fn a_connection_carries_one_request() {
    let server = Server::start().await;
    let expected = serde_json::to_value(endpoint()).unwrap();
    assert_eq!(server.ask().await, (200, expected));
    let two = "GET /v1/endpoint HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2);
    let (status, body) = server.response(&two).await;
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&body).is_ok(), "{body}");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let server = Server::start().await;
    let padding = "x".repeat(MAX_HEAD);
    let head = format!("GET /v1/endpoint HTTP/1.1\r\nhost: x\r\npadding: {padding}\r\n\r\n");
    assert_eq!(server.response(&head).await.0, 431);
    assert_eq!(server.response("rubbish\r\n\r\n").await.0, 400);
}

#[tokio::test]
async fn only_its_user_reaches_it_and_nothing_is_left_behind() {
    let server = Server::start().await;
    let path = server.fixture.directory.path().join("admin.sock");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut waiting = server.connect().await;
    server.serving.abort();
    let _ = server.serving.await;
    assert!(!path.exists());
    let mut response = Vec::new();
    let _ = waiting.read_to_end(&mut response).await;
    assert!(response.is_empty(), "commands under way are broken off");
}

#[tokio::test]
async fn what_a_killed_server_left_is_in_nobodys_way() {
    let directory = tempfile::tempdir().unwrap();
    let left = UnixListener::bind(directory.path().join("admin.sock")).unwrap();
    drop(left);
    assert!(directory.path().join("admin.sock").exists());
    AdminSocket::bind(directory.path()).unwrap();
}

#[tokio::test]
async fn there_is_a_bound_to_commands_at_once() {
    let server = Server::start().await;
    let mut waiting = Vec::new();
    for _ in 0..MAX_COMMANDS {
        waiting.push(server.connect().await);
    }
    let (status, refusal) = server.ask().await;
    assert_eq!(
        (status, refusal["code"].as_str()),
        (503, Some("too-many-commands"))
    );
    // More than that are closed.
    let mut refused = Vec::new();
    for _ in 0..MAX_REFUSALS {
        refused.push(server.connect().await);
    }
    assert_eq!(server.ask().await.0, 0);
    drop((waiting, refused));
    let mut answer = server.ask().await;
    for _ in 0..100 {
        if answer.0 == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = server.ask().await;
    }
    panic!("places were not given back: {answer:?}");
}
