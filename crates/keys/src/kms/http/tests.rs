use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[test]
fn addresses_are_read() {
    for (text, expected) in [
        (
            "https://vault.example.com:8200",
            "https://vault.example.com:8200/v1/x",
        ),
        ("https://vault.example.com/", "https://vault.example.com/v1/x"),
        (
            "https://example.com/behind/it/",
            "https://example.com/behind/it/v1/x",
        ),
        ("http://127.0.0.1:8200", "http://127.0.0.1:8200/v1/x"),
        ("http://[::1]:8200", "http://[::1]:8200/v1/x"),
        ("http://localhost", "http://localhost/v1/x"),
    ] {
        let address = Address::read(text).unwrap();
        assert_eq!(address.at("/v1/x").unwrap().to_string(), expected);
    }
}

#[test]
fn invalid_addresses_are_refused() {
    for (text, why) in [
        ("", "not a URL"),
        ("vault.example.com", "https://HOST"),
        ("/v1", "https://HOST"),
        ("http://vault.example.com:8200", "in clear"),
        ("http://127.0.0.1.example.com", "in clear"),
        ("http://192.168.1.1", "in clear"),
        ("ftp://vault.example.com", "https://"),
        ("https://me:secret@vault.example.com", "no user or password"),
        ("https://vault.example.com/?a=b", "no query"),
    ] {
        let error = Address::read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let address = Address::read("https://localhost").unwrap();
    let error = |path: &Path| match Http::new(&address, Some(path)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{} is taken", path.display()),
    };
    assert!(error(&path).contains("ca.pem cannot be used"));
    std::fs::write(&path, "nothing").unwrap();
    assert!(error(&path).contains("it contains none"));
    std::fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(error(&path).contains("ca.pem cannot be used"));
}

/// Responds to one connection with `answer`, then waits.
async fn server(answer: Vec<u8>) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        // The reader may stop before all is written.
        stream.write_all(&answer).await.ok();
        std::future::pending::<()>().await;
    });
    Address::read(&format!("http://127.0.0.1:{port}")).unwrap()
}

async fn ask(address: &Address) -> Result<Response, Unavailable> {
    let request = Request::post(address.at("/").unwrap()).body(Zeroizing::new(b"{}".to_vec()));
    Http::new(address, None).unwrap().send(request.unwrap()).await
}

#[tokio::test]
async fn an_answer_is_read() {
    let address = server(b"HTTP/1.1 418 No\r\ncontent-length: 5\r\nx-a: b\r\n\r\nhello".to_vec()).await;
    let answer = ask(&address).await.unwrap();
    assert_eq!(answer.status, 418);
    assert_eq!(answer.headers["x-a"], "b");
    assert_eq!(*answer.body, b"hello");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let address =
        server(b"HTTP/1.1 307 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_eq!(ask(&address.await).await.unwrap().status, 307);
}

#[tokio::test]
async fn an_endless_response_is_abandoned() {
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    answer.resize(2 * MAX_RESPONSE, b' ');
    let error = ask(&server(answer).await).await.err().unwrap();
    assert!(error.0.contains("length limit exceeded"), "{error}");
}

#[tokio::test]
async fn a_silent_server_times_out() {
    for begun in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"] {
        let address = server(begun.to_vec()).await;
        let started = tokio::time::Instant::now();
        let error = ask(&address).await.err().unwrap();
        assert!(error.0.contains("did not respond within 5 s"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(8));
    }
}

#[tokio::test]
async fn an_unreachable_server_is_reported_with_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&Address::read(&address).unwrap()).await.err().unwrap();
    assert!(
        error.0.contains("127.0.0.1:") && error.0.contains("refused"),
        "{error}"
    );
}
