//! Server for tests, on a store in memory.

use std::sync::{Arc, Mutex};

use strongroom_audit::{Audit, AuditUnavailable, IdentityChange, KeyEvent};
use strongroom_engine::{DAY, Engine, KEEP_LOST, Parts, SystemClock};
use strongroom_keys::Keyring;
use strongroom_seal::{Random, SystemRandom};
use strongroom_store::Prepared;

use super::endpoint::Endpoint;
use super::host::Host;
use crate::store::open::Core;

/// Records the actor, kind and bucket of each event.
#[derive(Default)]
pub(super) struct Heard(pub(super) Mutex<Vec<(String, String, String)>>);

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

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }
}

pub(super) struct Fixture {
    pub(super) directory: tempfile::TempDir,
    pub(super) host: Host,
    pub(super) heard: Arc<Heard>,
}

impl Fixture {
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let random: Arc<dyn Random> = Arc::new(SystemRandom::default());
        let keyring = Keyring::create(&directory.path().join("keyring.toml"), &*random).unwrap();
        let (keyring, kms, heard) = (Arc::new(keyring), Arc::default(), Arc::<Heard>::default());
        let parts = Parts {
            store: Prepared::memory(),
            keyring: Arc::clone(&keyring),
            kms: Arc::clone(&kms),
            audit: Arc::clone(&heard) as Arc<dyn Audit>,
            clock: Arc::new(SystemClock),
            random: Arc::clone(&random),
            lifecycle_day: DAY,
            keep_lost: KEEP_LOST,
        };
        let core = Core {
            engine: Engine::start(parts).await.unwrap(),
            keyring,
            kms,
            audit: Arc::clone(&heard) as Arc<dyn Audit>,
            random,
            credentials: directory.path().join("root-credentials.toml"),
            identities: Arc::default(),
            timeline: None,
        };
        Self {
            directory,
            host: Host {
                core,
                endpoint: Some(endpoint()),
            },
            heard,
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint {
        here: Some("https://localhost:9443".to_owned()),
        elsewhere: Vec::new(),
        ca_file: None,
        region: "us-east-1".to_owned(),
    }
}
