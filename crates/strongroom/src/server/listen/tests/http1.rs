//! HTTP/1.1 byte by byte: hyper's connection object is replaced between requests, and clients do not notice.

use super::*;

/// Returns a request with a body in wire format.
fn put(path: &str, body: &str) -> String {
    let length = body.len();
    format!("PUT {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// Reads one response; returns its head and body.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> (String, String) {
    let read = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("an answer in time")
}

async fn send(stream: &mut Pin<Box<dyn Stream>>, bytes: &str) {
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Asserts that the server closed the connection, possibly with a reset because it had unread data.
async fn assert_closed(stream: &mut Pin<Box<dyn Stream>>) {
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    // The way in which the connection was closed does not matter.
    let _ = closed.expect("the connection is closed");
    assert_eq!(String::from_utf8(rest).unwrap(), "");
}

async fn both(running: &Running) -> [Pin<Box<dyn Stream>>; 2] {
    [running.plain().await, running.secure(b"http/1.1").await]
}

#[tokio::test]
async fn requests_that_come_together_are_answered_one_after_the_other() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        for round in 0..3 {
            let bodies = (0..40).map(|n| format!("{round}-{n}-{}", "x".repeat(n * 2000)));
            let bodies = bodies.collect::<Vec<_>>();
            let requests = bodies.iter().map(|body| put("/", body)).collect::<String>();
            let (mut reading, mut writing) = tokio::io::split(stream);
            let sending = tokio::spawn(async move {
                writing.write_all(requests.as_bytes()).await.unwrap();
                writing.flush().await.unwrap();
                writing
            });
            for body in &bodies {
                assert!(answer(&mut reading).await.1.ends_with(&format!(" {body}")));
            }
            stream = reading.unsplit(sending.await.unwrap());
        }
    }
}

#[tokio::test]
async fn a_head_that_comes_in_pieces_is_read_on() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let requests = (0..20).map(|n| put("/", &format!("{n} {}", "x".repeat(n * 10_000))));
        let requests = requests.collect::<Vec<_>>();
        let mut pending = 0;
        for (n, request) in requests.iter().enumerate() {
            // Send the rest of this request and a part of the next one's head.
            let next = requests.get(n + 1).map_or("", |next| &next[..n.min(40)]);
            send(&mut stream, &format!("{}{next}", &request[pending..])).await;
            pending = next.len();
            assert!(answer(&mut stream).await.1.contains(&format!(" {n} ")));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_to_be_closed_is_closed() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        send(&mut stream, &put("/", "first")).await;
        assert!(answer(&mut stream).await.1.ends_with(" first"));
        send(
            &mut stream,
            &put("/", "last").replace("host:", "connection: close\r\nhost:"),
        )
        .await;
        let (head, body) = answer(&mut stream).await;
        assert!(
            head.contains("connection: close") && body.ends_with(" last"),
            "{head}"
        );
        assert_closed(&mut stream).await;
    }
    for mut stream in both(&running).await {
        send(&mut stream, &put("/", "old").replace("HTTP/1.1", "HTTP/1.0")).await;
        assert!(answer(&mut stream).await.1.ends_with(" old"));
        assert_closed(&mut stream).await;
    }
}

#[tokio::test]
async fn what_is_left_of_a_body_is_never_a_request() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let smuggled = put("/", "smuggled").repeat(3000);
        let request = put("/unread", &smuggled);
        // Send the whole body with the head, or almost nothing of it.
        for sent in [request.len(), 150] {
            // The server may close the connection before everything is written.
            let _ = stream.write_all(&request.as_bytes()[..sent]).await;
            let _ = stream.flush().await;
            assert!(answer(&mut stream).await.1.ends_with("unread"));
            assert_closed(&mut stream).await;
            stream = running.plain().await;
        }
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_yet_is_not_cut_off() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let large = "x".repeat(8 << 20);
        for round in 0..3 {
            send(&mut stream, &put("/", &large)).await;
            // More data is waiting to be written than the sockets hold.
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(answer(&mut stream).await.1.ends_with(&large), "{round}");
        }
    }
}

#[tokio::test]
async fn a_client_that_sends_a_large_body_first_reads_the_response() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        send(&mut stream, &put("/unread", &"x".repeat(20 << 20))).await;
        let (head, body) = answer(&mut stream).await;
        assert!(head.contains("connection: close"), "{head}");
        assert_eq!(body, "unread");
    }
}

#[tokio::test]
async fn a_malformed_head_is_refused_although_more_follows() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let head = format!("PUT / HTTP/1.1\r\nhost localhost\r\n\r\n{}", "x".repeat(20 << 20));
        send(&mut stream, &head).await;
        let (head, _) = answer(&mut stream).await;
        assert!(head.starts_with("http/1.1 400 "), "{head}");
        assert!(head.contains("connection: close"), "{head}");
    }
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_not_invited() {
    let running = Running::start(10, PATIENCE).await;
    for framing in ["content-length: 5", "transfer-encoding: chunked"] {
        for mut stream in both(&running).await {
            let head = format!(
                "PUT /unread HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n{framing}\r\n\r\n"
            );
            send(&mut stream, &head).await;
            let (head, _) = answer(&mut stream).await;
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            assert!(head.contains("connection: close"), "{head}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_read_is_invited() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let head = "PUT / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
        send(&mut stream, head).await;
        let mut invitation = [0; 25];
        stream.read_exact(&mut invitation).await.unwrap();
        assert_eq!(&invitation, b"HTTP/1.1 100 Continue\r\n\r\n");
        send(&mut stream, "hello").await;
        let (head, body) = answer(&mut stream).await;
        assert!(
            !head.contains("connection: close") && body.ends_with(" hello"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_small_body_that_nobody_reads_keeps_the_connection() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        let chunked = "PUT /unread HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for request in [
            put("/unread", "hello"),
            put("/unread", &"x".repeat(60_000)),
            chunked.to_owned(),
        ] {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            send(&mut stream, &format!("{head}\r\n\r\n")).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            send(&mut stream, body).await;
            let (head, _) = answer(&mut stream).await;
            assert!(!head.contains("connection: close"), "{head}");
        }
        send(&mut stream, &put("/", "next")).await;
        assert!(answer(&mut stream).await.1.ends_with(" next"));
    }
}

#[tokio::test]
async fn a_client_that_neither_sends_nor_closes_is_left_after_a_while() {
    let running = Running::start(10, PATIENCE).await;
    for mut stream in both(&running).await {
        send(&mut stream, &put("/unread", &"x".repeat(100_000))[..150]).await;
        let (head, _) = answer(&mut stream).await;
        assert!(head.contains("connection: close"), "{head}");
        assert_closed(&mut stream).await;
    }
}
