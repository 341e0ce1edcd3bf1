//! Tests of the rules, on a store in memory.

mod accounts;
mod attachments;
mod entities;
mod faults;
mod format;
mod groups;
mod keys;
mod last_uses;
mod login;
mod model;
mod policies;
mod providers;
mod quotas;
mod races;
mod roles;
mod scale;
mod sessions;
mod signers;
mod simulated;
mod unconfirmed;

use crate::error::{IdentityError, Result};
use crate::identities::{Identities, Now};
use crate::model::account::Account;
use crate::model::group::Group;
use crate::model::user::User;
use crate::page::Part;
use crate::policies::{NewPolicy, PolicyInfo};
use crate::roles::NewRole;
use crate::tags::Tags;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use strongroom_access::arn::{AccountId, Name, Path};
use strongroom_rows::Rows;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{RowSeal, StoreKey, SystemRandom};
use strongroom_store::{Index, Store};

const ALL: Part<'static> = Part {
    path_prefix: "",
    after: "",
    limit: 1000,
};
const ALLOW: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"AWS": "000000000000"}}]}"#;
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const FULL: &str = "arn:aws:iam::aws:policy/AmazonS3FullAccess";

/// Identities on a store, with a clock that the test sets.
struct House {
    identities: Identities,
    rows: Arc<Rows>,
    time: Arc<AtomicU64>,
}

impl House {
    async fn new() -> Self {
        Self::on(Store::memory().index).await
    }

    async fn on(index: Arc<dyn Index>) -> Self {
        let key = StoreKey::generate(&SystemRandom::default()).unwrap();
        let random = Arc::new(SystemRandom::default());
        let rows = Arc::new(Rows::new(index, RowSeal::new(&key), random));
        let time = Arc::new(AtomicU64::new(1_000_000_000));
        let identities = open(&rows, &time).await.unwrap();
        Self {
            identities,
            rows,
            time,
        }
    }

    /// Opens the same store again, as another process would.
    async fn reopened(&self) -> Identities {
        open(&self.rows, &self.time).await.unwrap()
    }

    fn pass(&self, microseconds: u64) {
        self.time.fetch_add(microseconds, Ordering::Relaxed);
    }

    async fn account(&self, name: &str) -> Account {
        self.identities.create_account(name, None).await.unwrap()
    }

    async fn user(&self, account: AccountId, name: &str) -> User {
        let (path, tags) = (Path::default(), Tags::default());
        let created = self
            .identities
            .create_user(account, named(name), path, tags, None);
        created.await.unwrap()
    }

    async fn group(&self, account: AccountId, name: &str) -> Group {
        let created = self
            .identities
            .create_group(account, named(name), Path::default());
        created.await.unwrap()
    }

    async fn role(&self, account: AccountId, name: &str) -> Result<crate::model::role::Role> {
        self.identities.create_role(account, new_role(name)).await
    }

    async fn policy(&self, account: AccountId, name: &str) -> PolicyInfo {
        self.identities
            .create_policy(account, new_policy(name))
            .await
            .unwrap()
    }
}

async fn open(rows: &Arc<Rows>, time: &Arc<AtomicU64>) -> Result<Identities> {
    let clock = Arc::clone(time);
    let now: Now = Arc::new(move || clock.load(Ordering::Relaxed));
    Identities::open(rows, None, now, Arc::new(SystemRandom::default())).await
}

fn named(name: &str) -> Name {
    Name::of_policy(name).unwrap()
}

fn new_role(name: &str) -> NewRole {
    NewRole {
        name: named(name),
        path: Path::default(),
        trust: TRUST.to_owned(),
        description: None,
        max_session: None,
        boundary: None,
        tags: Tags::default(),
    }
}

fn new_policy(name: &str) -> NewPolicy {
    NewPolicy {
        name: named(name),
        path: Path::default(),
        description: None,
        document: ALLOW.to_owned(),
        tags: Tags::default(),
    }
}

/// Returns the message of a refusal.
#[track_caller]
fn refusal<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("not refused"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn is_missing<T>(result: &Result<T>) -> bool {
    matches!(result, Err(IdentityError::NoSuchEntity(_)))
}
