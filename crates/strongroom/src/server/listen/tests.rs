use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use strongroom_s3::Standing;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::request_body::RequestBody;
use super::*;
use crate::server::tls::{Certificates, server_config};
use crate::settings::{Layer, Sources, load};

mod http1;

const PATIENCE: Duration = Duration::from_secs(10);

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Echoes requests; `/slow` only after a notification, `/unread` without reading the body.
#[derive(Default)]
struct Echo {
    slow_begun: Notify,
    let_go: Notify,
}

impl Handler for Echo {
    type Body = Full<Bytes>;

    fn may_bring_key(&self, request: &Request<Incoming>) -> bool {
        request.headers().contains_key("key")
    }

    async fn answer(
        &self,
        connection: Connection,
        standing: Standing,
        request: Request<RequestBody>,
    ) -> Response<Full<Bytes>> {
        standing.note_signed();
        let (parts, body) = request.into_parts();
        if parts.uri.path() == "/unread" {
            return Response::new(Full::from("unread"));
        }
        if parts.uri.path() == "/slow" {
            self.slow_begun.notify_one();
            self.let_go.notified().await;
        }
        let body = body.collect().await.unwrap().to_bytes();
        let text = format!(
            "{:?} {} secure={} local={} {}",
            parts.version,
            connection.client,
            connection.secure,
            connection.local,
            String::from_utf8_lossy(&body)
        );
        Response::new(Full::from(text))
    }
}

/// A running server on free ports of this machine.
struct Running {
    https: SocketAddr,
    http: SocketAddr,
    handler: Arc<Echo>,
    stop: watch::Sender<Stop>,
    ended: JoinHandle<usize>,
    place: tempfile::TempDir,
}

impl Running {
    async fn start(max_connections: usize, grace: Duration) -> Self {
        let place = tempfile::tempdir().unwrap();
        let listen = Listen::On(([127, 0, 0, 1], 0).into());
        let flags = Layer {
            trusted_proxies: Some(Vec::new()),
            ..Layer::default()
        };
        let settings = load(Sources {
            flags,
            directory: place.path().to_owned(),
            ..Sources::default()
        });
        let certificates =
            Certificates::load(&settings.unwrap().settings, OffsetDateTime::now_utc()).unwrap();
        let tls = server_config(Arc::new(certificates)).unwrap();
        let https = Listener::https(listen, Arc::new(tls)).await.unwrap().unwrap();
        let http = Listener::http(listen).await.unwrap().unwrap();
        let handler = Arc::new(Echo::default());
        let (stop, told) = watch::channel(Stop::NotYet);
        let (secure_address, plain_address) = (https.address(), http.address());
        let server = Server {
            https: Some(https),
            http: Some(http),
            handler: Arc::clone(&handler),
            console: None::<(Listener, Arc<Echo>)>,
            trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
            places: PlaceLimits {
                max: max_connections,
                // All clients of the tests have one address.
                per_address: max_connections + 1,
                proxies: Vec::new(),
            },
            min_rate: MinRate {
                bytes_per_second: 1024,
                window: Duration::from_secs(30),
            },
            grace,
        };
        let ended = tokio::spawn(server.run(told));
        Self {
            https: secure_address,
            http: plain_address,
            handler,
            stop,
            ended,
            place,
        }
    }

    async fn plain(&self) -> Pin<Box<dyn Stream>> {
        Box::pin(TcpStream::connect(self.http).await.unwrap())
    }

    async fn secure(&self, alpn: &[u8]) -> Pin<Box<dyn Stream>> {
        let mut roots = RootCertStore::empty();
        let ca_file = self.place.path().join("strongroom-data/tls/ca.pem");
        roots
            .add(CertificateDer::from_pem_file(ca_file).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        let stream = TcpStream::connect(self.https).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn));
        Box::pin(stream)
    }

    async fn ended(self) -> usize {
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .expect("the server ends")
            .unwrap()
    }
}

type Http1 = conn::http1::SendRequest<Full<Bytes>>;

async fn speak_http1(stream: Pin<Box<dyn Stream>>) -> Http1 {
    let (sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(path: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::put(path)
        .header("host", "localhost")
        .body(Full::from(body))
        .unwrap()
}

async fn ask(client: &mut Http1, request: Request<Full<Bytes>>) -> String {
    let answered = tokio::time::timeout(PATIENCE, client.send_request(request)).await;
    text(answered.expect("an answer in time").unwrap()).await
}

async fn text(response: Response<Incoming>) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn both_listeners_answer_and_tell_how_the_request_came() {
    let running = Running::start(10, PATIENCE).await;
    let mut plain = speak_http1(running.plain().await).await;
    for _ in 0..2 {
        let answer = ask(&mut plain, request("/", "hello")).await;
        assert_eq!(answer, "HTTP/1.1 127.0.0.1 secure=false local=true hello");
    }
    let mut secure = speak_http1(running.secure(b"http/1.1").await).await;
    let answer = ask(&mut secure, request("/", "hello")).await;
    assert_eq!(answer, "HTTP/1.1 127.0.0.1 secure=true local=true hello");
}

#[tokio::test]
async fn http2_is_served_to_those_who_ask_for_it() {
    let running = Running::start(10, PATIENCE).await;
    let stream = TokioIo::new(running.secure(b"h2").await);
    let (mut sender, connection) = conn::http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    let answer = text(
        sender
            .send_request(request("https://localhost/", "hello"))
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(answer, "HTTP/2.0 127.0.0.1 secure=true local=true hello");
    running.stop.send_replace(Stop::Gracefully);
    assert_eq!(running.ended().await, 0);
}

#[tokio::test]
async fn the_headers_of_a_trusted_proxy_count_for_their_request_only() {
    let running = Running::start(10, PATIENCE).await;
    let mut plain = speak_http1(running.plain().await).await;
    let mut proxied = request("/", "");
    proxied
        .headers_mut()
        .insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
    proxied
        .headers_mut()
        .insert("x-forwarded-proto", "https".parse().unwrap());
    let answer = ask(&mut plain, proxied).await;
    assert!(answer.contains("192.0.2.1 secure=true local=false"), "{answer}");
    let answer = ask(&mut plain, request("/", "")).await;
    assert!(answer.contains("127.0.0.1 secure=false local=true"), "{answer}");
}

#[tokio::test]
async fn a_graceful_stop_finishes_what_is_under_way_and_refuses_what_is_new() {
    let running = Running::start(10, PATIENCE).await;
    let mut idle = speak_http1(running.plain().await).await;
    ask(&mut idle, request("/", "")).await;
    let mut silent = running.plain().await;
    let mut slow = speak_http1(running.secure(b"http/1.1").await).await;
    let under_way = tokio::spawn(async move {
        let answer = ask(&mut slow, request("/slow", "late")).await;
        (answer, slow)
    });
    running.handler.slow_begun.notified().await;

    running.stop.send_replace(Stop::Gracefully);
    // Idle connections are closed at once, with or without an earlier request.
    assert_eq!(
        tokio::time::timeout(PATIENCE, silent.read(&mut [0]))
            .await
            .unwrap()
            .unwrap(),
        0
    );
    assert!(idle.send_request(request("/", "")).await.is_err());
    assert!(TcpStream::connect(running.http).await.is_err());
    assert!(TcpStream::connect(running.https).await.is_err());
    assert!(!running.ended.is_finished() && !under_way.is_finished());

    running.handler.let_go.notify_one();
    let (answer, mut slow) = tokio::time::timeout(PATIENCE, under_way).await.unwrap().unwrap();
    assert!(answer.ends_with(" late"), "{answer}");
    assert!(slow.send_request(request("/", "")).await.is_err());
    assert_eq!(running.ended().await, 0);
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_is_cut_off() {
    let running = Running::start(10, Duration::from_millis(50)).await;
    let mut slow = speak_http1(running.plain().await).await;
    let under_way = tokio::spawn(async move { slow.send_request(request("/slow", "")).await.map(drop) });
    running.handler.slow_begun.notified().await;
    running.stop.send_replace(Stop::Gracefully);
    assert_eq!(running.ended().await, 1);
    under_way.abort();
}

#[tokio::test]
async fn a_second_word_ends_at_once() {
    let running = Running::start(10, Duration::from_hours(1)).await;
    let mut slow = speak_http1(running.plain().await).await;
    let under_way = tokio::spawn(async move { slow.send_request(request("/slow", "")).await.map(drop) });
    running.handler.slow_begun.notified().await;
    running.stop.send_replace(Stop::Gracefully);
    running.stop.send_replace(Stop::Now);
    assert_eq!(running.ended().await, 1);
    under_way.abort();
}

#[tokio::test]
async fn an_unfinished_handshake_does_not_delay_the_end() {
    let running = Running::start(10, Duration::from_hours(1)).await;
    let mut silent = TcpStream::connect(running.https).await.unwrap();
    // Send only the first bytes of a TLS record.
    silent.write_all(&[0x16, 0x03]).await.unwrap();
    running.stop.send_replace(Stop::Gracefully);
    assert_eq!(running.ended().await, 0);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let running = Running::start(1, PATIENCE).await;
    let mut first = speak_http1(running.plain().await).await;
    ask(&mut first, request("/", "")).await;
    let mut second = speak_http1(running.plain().await).await;
    let waiting = tokio::spawn(async move { ask(&mut second, request("/", "2nd")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    drop(first);
    let answer = tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap();
    assert!(answer.ends_with("2nd"));
}

#[tokio::test]
async fn plain_http_on_the_https_port_gets_an_explanation() {
    let running = Running::start(10, PATIENCE).await;
    let mut stream = TcpStream::connect(running.https).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    // The server closes without reading the request, which may appear as a reset after the response.
    let _ = stream.read_to_string(&mut answer).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 400") && body.contains("https://"),
        "{answer}"
    );
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{answer}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = Listener::http(Listen::On(address))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains(&address.to_string()), "{error}");
    assert!(error.contains("http.listen (--http-listen)"), "{error}");
    let error = Listener::http("192.0.2.1:0".parse().unwrap())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("not an address of this machine"), "{error}");
    assert!(Listener::http(Listen::Off).await.unwrap().is_none());
}
