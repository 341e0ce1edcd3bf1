//! A server for tests that sends canned responses and records requests.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and path, as in `POST /path`.
    pub(crate) what: String,
    /// Headers, with names in lower case.
    head: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.head.iter().find(|(its, _)| its == name)?;
        Some(value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) struct Canned {
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Canned {
    /// Starts a server that responds with the status and body returned by `answer`.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (noted, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                tokio::spawn(serve(stream, noted, answer));
            }
        });
        Self { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns method and path of all requests, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.what).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    noted: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<impl Fn(&Seen) -> (u16, String)>,
) {
    let mut text = Vec::new();
    let end = loop {
        if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut text).await.unwrap() == 0 {
            return;
        }
    };
    let head = String::from_utf8(text[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let what = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let head: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let mut seen = Seen {
        what,
        head,
        body: String::new(),
    };
    let length: usize = seen.header("content-length").unwrap_or("0").parse().unwrap();
    while text.len() < end + 4 + length {
        assert!(stream.read_buf(&mut text).await.unwrap() > 0);
    }
    seen.body = String::from_utf8(text[end + 4..].to_vec()).unwrap();
    noted.lock().unwrap().push(seen.clone());
    let (status, body) = answer(&seen);
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.unwrap();
}
