use std::sync::{Arc, Mutex};

use serde_json::json;
use strongroom_audit::{Audit, AuditUnavailable, KeyEvent};
use strongroom_engine::{DAY, Engine, KEEP_LOST, Parts, SystemClock};
use strongroom_keys::Keyring;
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::Store;
use tokio::task::JoinHandle;

use super::*;

/// Records the actor, kind and bucket of each event.
#[derive(Default)]
struct Heard(Mutex<Vec<(String, String, String)>>);

impl Audit for Heard {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record(&self, event: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        let who = match &event.actor {
            Some(actor) => format!("{} {}", actor.who, actor.operation),
            None => "the server".to_owned(),
        };
        let noted = (who, event.what.name().to_owned(), event.bucket.to_owned());
        self.0.lock().unwrap().push(noted);
        Ok(())
    }
}

struct Server {
    directory: tempfile::TempDir,
    engine: Engine,
    heard: Arc<Heard>,
    serving: JoinHandle<()>,
}

fn endpoint() -> Endpoint {
    Endpoint {
        here: Some("https://localhost:9443".to_owned()),
        elsewhere: Vec::new(),
        ca_file: None,
        region: "us-east-1".to_owned(),
    }
}

impl Server {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
        let keyring = Keyring::create(&directory.path().join("keyring.toml"), &*random).unwrap();
        let (keyring, kms, heard) = (Arc::new(keyring), Arc::default(), Arc::<Heard>::default());
        let parts = Parts {
            store: Store::memory(),
            keyring: Arc::clone(&keyring),
            kms: Arc::clone(&kms),
            audit: Arc::clone(&heard) as Arc<dyn Audit>,
            clock: Arc::new(SystemClock),
            random: Arc::clone(&random),
            lifecycle_day: DAY,
            keep_lost: KEEP_LOST,
        };
        let engine = Engine::start(parts).await.unwrap();
        let core = Core {
            engine: engine.clone(),
            keyring,
            kms,
            audit: Arc::clone(&heard) as Arc<dyn Audit>,
            random,
            credentials: directory.path().join("root-credentials.toml"),
        };
        let socket = AdminSocket::bind(directory.path()).unwrap();
        Self {
            serving: tokio::spawn(socket.serve(core, endpoint())),
            directory,
            engine,
            heard,
        }
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(self.directory.path().join("admin.sock"))
            .await
            .unwrap()
    }

    /// Returns the server's events for a line, last event first.
    async fn told(&self, line: &str) -> Vec<Event> {
        let mut stream = self.connect().await;
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut read = BufReader::new(stream);
        let mut events = Vec::new();
        // Do not wait for the connection to end: if the server did not read the whole line, it ends with a reset.
        while let Some(line) = next_line(&mut read).await.unwrap() {
            events.insert(0, serde_json::from_str(&line).unwrap());
            if let Some(Event::Done { .. } | Event::Failed { .. }) = events.first() {
                return events;
            }
        }
        panic!("broken off: {events:?}")
    }

    async fn ask(&self, job: &Job) -> Event {
        let call = json!({ "protocol": VERSION, "job": job });
        self.told(&format!("{call}\n")).await.remove(0)
    }

    async fn refusal(&self, line: &str) -> String {
        match self.told(line).await.remove(0) {
            Event::Failed { message } => message,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_endpoint_is_that_of_the_server() {
    let server = Server::start().await;
    let outcome = Outcome::Endpoint(endpoint());
    assert_eq!(server.ask(&Job::Endpoint {}).await, Event::Done { outcome });
}

#[tokio::test]
async fn a_job_is_done_in_the_name_of_who_asked() {
    let server = Server::start().await;
    server.engine.create_bucket("vault").await.unwrap();
    let shred = Job::Shred {
        bucket: "vault".to_owned(),
        with_locked: false,
    };
    let done = Event::Done {
        outcome: Outcome::Shredded,
    };
    assert_eq!(server.ask(&shred).await, done);
    let who = format!("operator:{} bucket shred", geteuid().as_raw());
    let heard = server.heard.0.lock().unwrap().clone();
    assert_eq!(
        heard.last().unwrap(),
        &(who, "shred".to_owned(), "vault".to_owned())
    );
    let Event::Failed { message } = server.ask(&shred).await else {
        panic!("there is nothing left to shred")
    };
    assert_eq!(message, "there is no bucket vault");
    assert_eq!(
        server.ask(&Job::PurgeCache {}).await,
        Event::Done {
            outcome: Outcome::Purged
        }
    );
}

#[tokio::test]
async fn what_is_no_command_is_told_so() {
    let server = Server::start().await;
    for line in [
        "rubbish\n".to_owned(),
        format!(
            "{}\n",
            json!({ "protocol": VERSION, "job": { "name": "unknown" } })
        ),
        format!(
            "{}\n",
            json!({ "protocol": VERSION + 1, "job": { "name": "purge-cache" } })
        ),
    ] {
        let refusal = server.refusal(&line).await;
        assert!(refusal.contains(env!("CARGO_PKG_VERSION")), "{refusal}");
    }
    let endless = "x".repeat(100_000);
    assert!(server.refusal(&endless).await.contains("too long or incomplete"));
}

#[tokio::test]
async fn only_its_user_reaches_it_and_nothing_is_left_behind() {
    let server = Server::start().await;
    let path = server.directory.path().join("admin.sock");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let waiting = server.connect().await;
    server.serving.abort();
    let _ = server.serving.await;
    assert!(!path.exists());
    let mut read = BufReader::new(waiting);
    assert_eq!(
        next_line(&mut read).await.unwrap_or(None),
        None,
        "commands under way are broken off"
    );
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
    let refusal = server.refusal("").await;
    assert!(refusal.contains("too many commands"), "{refusal}");
    drop(waiting);
    let purge = || server.ask(&Job::PurgeCache {});
    let mut answer = purge().await;
    for _ in 0..100 {
        if matches!(answer, Event::Done { .. }) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = purge().await;
    }
    panic!("places were not given back: {answer:?}");
}
