//! The handle of all accounts and their entities.

use crate::cache::Cache;
use crate::error::Result;
use crate::key;
use crate::last_uses::LastUses;
use crate::model::account::Account;
use crate::model::links::{AccountLink, EpochRecord};
use crate::principal::{OpenedSession, Snapshot};
use crate::quotas::Quotas;
use crate::turn::{AccountStates, Turn};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use strongroom_access::ROOT_CANONICAL_ID;
use strongroom_access::arn::{AccountId, CanonicalId};
use strongroom_rows::{Batch, Found, Partition, Record, Rows};
use strongroom_seal::{Random, random};
use strongroom_store::{PartitionId, Timeline};

/// Name of the first account.
const FIRST_NAME: &str = "root";
/// Weight of the access keys kept in memory in each of two generations. A key weighs 1 KiB and the bytes of its policies,
/// which take several times as much when parsed.
const CACHED_KEYS: usize = 16 << 20;
/// Weight of the sessions kept in memory in each of two generations.
const CACHED_SESSIONS: usize = 8 << 20;

/// Source of the current time: microseconds since 1970-01-01 00:00 UTC.
pub type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Accounts, users, groups, roles, access keys and policies of a store: a handle that is cheap to clone.
#[derive(Clone)]
pub struct Identities {
    shared: Arc<Shared>,
}

/// State that all handles share.
pub struct Shared {
    pub(crate) partition: Partition,
    pub(crate) now: Now,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) states: AccountStates,
    /// Snapshots by the ids of access keys.
    pub(crate) snapshots: Cache<Snapshot>,
    /// Opened sessions by the ids of their access keys.
    pub(crate) sessions: Cache<OpenedSession>,
    pub(crate) last_uses: LastUses,
    pub(crate) quotas: Quotas,
    /// Held while a password is hashed.
    pub(crate) hashing: tokio::sync::Mutex<()>,
    epoch: AtomicU64,
    /// True if the store was restored since the accounts were opened before.
    restored: AtomicBool,
}

impl Deref for Identities {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Identities {
    /// Opens the accounts of a store: creates their partition, the first account and the epoch if they are missing. A
    /// store that is restored has another timeline, and begins a new epoch.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`], [`crate::IdentityError::Random`].
    pub async fn open(
        rows: &Arc<Rows>,
        timeline: Option<Timeline>,
        now: Now,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let index = rows.index();
        if index
            .generation(PartitionId::IDENTITY)
            .await
            .map_err(strongroom_rows::Error::from)?
            .is_none()
        {
            let created = index.create_partition(PartitionId::IDENTITY).await;
            created.map_err(strongroom_rows::Error::from)?;
        }
        let partition = Partition::new(rows, PartitionId::IDENTITY);
        let identities = Self {
            shared: Arc::new(Shared {
                quotas: Quotas::read(&partition).await?,
                partition,
                now,
                random,
                states: AccountStates::default(),
                snapshots: Cache::new(CACHED_KEYS),
                sessions: Cache::new(CACHED_SESSIONS),
                last_uses: LastUses::default(),
                hashing: tokio::sync::Mutex::default(),
                epoch: AtomicU64::new(0),
                restored: AtomicBool::new(false),
            }),
        };
        identities.begin(timeline).await?;
        Ok(identities)
    }

    /// Creates the first account and the epoch if they are missing, and begins a new epoch in another timeline.
    async fn begin(&self, timeline: Option<Timeline>) -> Result<()> {
        let timeline = timeline.map(|timeline| timeline.0);
        let mut turn = self.states.turn(AccountId::ROOT).await;
        loop {
            let epoch = self.row::<EpochRecord>(&key::epoch()).await?;
            let account = self.row::<Account>(&key::account(AccountId::ROOT)).await?;
            let mut batch = self.batch();
            let noted = epoch.as_ref().and_then(|epoch| epoch.record.timeline);
            let is_restored = noted.is_some() && timeline.is_some() && noted != timeline;
            let current = match &epoch {
                Some(epoch) if !is_restored => EpochRecord {
                    timeline: timeline.or(noted),
                    ..epoch.record
                },
                _ => self.new_epoch(timeline)?,
            };
            if epoch.as_ref().is_none_or(|epoch| epoch.record != current) {
                batch.expect(key::epoch(), epoch.as_ref());
                batch.put(key::epoch(), &current)?;
            }
            let number = current.number;
            if account.is_none() {
                let canonical_id = CanonicalId::parse(ROOT_CANONICAL_ID)
                    .map_err(|error| strongroom_rows::Error::Damaged(error.to_string()))?;
                let first = Account::new(AccountId::ROOT, canonical_id, FIRST_NAME.to_owned(), self.now());
                add_account(&mut batch, &first)?;
            }
            if batch.is_empty() || turn.commit(batch).await? {
                self.shared.epoch.store(number, Ordering::Release);
                self.shared.restored.store(is_restored, Ordering::Release);
                return Ok(());
            }
        }
    }

    /// Begins a new epoch, for a store that was restored: sessions from before are void, and so are access keys until
    /// they are set active again.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`], [`crate::IdentityError::Random`].
    pub async fn raise_epoch(&self) -> Result<()> {
        let mut turn = self.states.turn(AccountId::ROOT).await;
        loop {
            let old = self.row::<EpochRecord>(&key::epoch()).await?;
            let timeline = old.as_ref().and_then(|old| old.record.timeline);
            let new = self.new_epoch(timeline)?;
            let mut batch = self.batch();
            batch.expect(key::epoch(), old.as_ref());
            batch.put(key::epoch(), &new)?;
            if turn.commit(batch).await? {
                self.shared.epoch.store(new.number, Ordering::Release);
                self.states.void_all();
                return Ok(());
            }
        }
    }

    fn new_epoch(&self, timeline: Option<[u8; 16]>) -> Result<EpochRecord> {
        Ok(EpochRecord {
            timeline,
            number: u64::from_be_bytes(random::bytes(&*self.random)?),
            since: self.now(),
        })
    }

    /// Returns the number of the epoch: random, another one in each epoch.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::Acquire)
    }

    /// Returns whether opening the accounts showed that the store was restored, so that a new epoch began.
    pub fn is_restored(&self) -> bool {
        self.shared.restored.load(Ordering::Acquire)
    }

    /// Returns the time in microseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (self.now)()
    }

    pub(crate) async fn turn(&self, account: AccountId) -> Turn {
        self.states.turn(account).await
    }

    pub(crate) fn batch(&self) -> Batch {
        self.partition.batch()
    }

    pub(crate) async fn row<R: Record>(&self, row: &[u8]) -> Result<Option<Found<R>>> {
        Ok(self.partition.get(row).await?)
    }
}

/// Adds the rows of a new account to a batch.
pub(crate) fn add_account(batch: &mut Batch, account: &Account) -> Result<()> {
    let link = AccountLink { account: account.id };
    batch.expect::<Account>(key::account(account.id), None);
    batch.put(key::account(account.id), account)?;
    for row in [
        key::account_name(&account.name),
        key::canonical_id(account.canonical_id.as_str()),
    ] {
        batch.expect::<AccountLink>(row.clone(), None);
        batch.put(row, &link)?;
    }
    Ok(())
}
