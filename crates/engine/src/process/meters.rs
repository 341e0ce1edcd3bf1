//! Amounts that buckets and accounts use and that requests in progress have reserved, for quotas.
//!
//! A meter *tracks* its bucket from the first time that a quota applies: it reads the bucket's counters, and from then on
//! each commit changes it. Buckets without quotas are not tracked and cost nothing.

use crate::model::quota::{AccountLimits, AccountQuota, Amount, Quota, QuotaExceeded, QuotaOwner};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use strongroom_access::arn::AccountId;
use strongroom_rows::CommitOutcome;
use strongroom_store::PartitionId;

/// Meters of the accounts and buckets that were used since the start.
#[derive(Default)]
pub(crate) struct Meters {
    accounts: Mutex<HashMap<AccountId, Arc<AccountMeter>>>,
    buckets: Mutex<HashMap<PartitionId, Arc<BucketMeter>>>,
    limits: OnceLock<Arc<dyn AccountLimits>>,
}

/// Meter of an account.
#[derive(Default)]
pub(crate) struct AccountMeter {
    state: Mutex<AccountState>,
    /// True from the moment on at which all buckets of the account, and all new ones, are to be tracked.
    tracks_all: AtomicBool,
    /// Set when all buckets are tracked.
    pub(crate) all_tracked: tokio::sync::OnceCell<()>,
    /// Held while a bucket is created, if their number is limited.
    pub(crate) creation: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct AccountState {
    used: Amount,
    reserved: Amount,
    buckets: HashMap<PartitionId, BucketState>,
    /// Meters that are in doubt.
    in_doubt: Vec<Arc<BucketMeter>>,
}

#[derive(Clone, Copy, Default)]
struct BucketState {
    used: Amount,
    reserved: Amount,
}

/// Meter of a bucket.
pub(crate) struct BucketMeter {
    pub(crate) id: PartitionId,
    /// Held for reading by each commit that changes the usage, for writing while the counters are read.
    pub(crate) gate: tokio::sync::RwLock<()>,
    /// Account of the bucket, once the bucket is tracked.
    account: OnceLock<Arc<AccountMeter>>,
    /// True if a commit failed or was cancelled: it may have taken effect, and the counters must be read again.
    is_in_doubt: AtomicBool,
}

/// Limits of a bucket and of its account.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) bucket: Quota,
    pub(crate) account: Quota,
    pub(crate) bucket_name: String,
    pub(crate) account_id: AccountId,
}

/// Room that a request has reserved. It is given back with the last clone, except for what a commit has used.
#[derive(Clone, Default)]
pub(crate) struct Room(Option<Arc<Reservation>>);

struct Reservation {
    meter: Arc<BucketMeter>,
    limits: Limits,
    held: Mutex<Amount>,
}

impl Meters {
    /// Sets the source of the limits of accounts. Later calls change nothing.
    pub(crate) fn set_limits(&self, limits: Arc<dyn AccountLimits>) {
        let _is_set = self.limits.set(limits);
    }

    /// Returns the limits of an account. Without a source there are none.
    pub(crate) fn quota(&self, account: AccountId) -> AccountQuota {
        self.limits
            .get()
            .map_or_else(AccountQuota::default, |limits| limits.quota(account))
    }

    pub(crate) fn account(&self, account: AccountId) -> Arc<AccountMeter> {
        Arc::clone(lock(&self.accounts).entry(account).or_default())
    }

    pub(crate) fn bucket(&self, id: PartitionId) -> Arc<BucketMeter> {
        let mut buckets = lock(&self.buckets);
        let meter = buckets.entry(id).or_insert_with(|| {
            Arc::new(BucketMeter {
                id,
                gate: tokio::sync::RwLock::default(),
                account: OnceLock::new(),
                is_in_doubt: AtomicBool::new(false),
            })
        });
        Arc::clone(meter)
    }

    /// Forgets a bucket that was closed: its usage no longer counts.
    pub(crate) fn remove(&self, id: PartitionId) {
        let meter = lock(&self.buckets).remove(&id);
        if let Some(account) = meter.as_ref().and_then(|meter| meter.account.get()) {
            let mut state = account.state();
            if let Some(bucket) = state.buckets.remove(&id) {
                state.used -= bucket.used;
                state.reserved -= bucket.reserved;
                state.in_doubt.retain(|meter| meter.id != id);
            }
        }
    }
}

impl AccountMeter {
    fn state(&self) -> MutexGuard<'_, AccountState> {
        lock(&self.state)
    }

    /// Returns the meters that are in doubt.
    pub(crate) fn in_doubt(&self) -> Vec<Arc<BucketMeter>> {
        self.state().in_doubt.clone()
    }

    pub(crate) fn tracks_all(&self) -> bool {
        self.tracks_all.load(Ordering::SeqCst)
    }

    pub(crate) fn track_all(&self) {
        self.tracks_all.store(true, Ordering::SeqCst);
    }
}

impl BucketMeter {
    /// Returns whether the meter knows the usage of its bucket.
    pub(crate) fn is_known(&self) -> bool {
        self.is_tracked() && !self.is_in_doubt.load(Ordering::SeqCst)
    }

    pub(crate) fn is_tracked(&self) -> bool {
        self.account.get().is_some()
    }

    /// Sets the usage, which was read from the counters while no commit was in progress.
    pub(crate) fn set(&self, account: &Arc<AccountMeter>, used: Amount) {
        let mut state = account.state();
        let bucket = state.buckets.entry(self.id).or_default();
        let before = std::mem::replace(&mut bucket.used, used);
        state.used += used;
        state.used -= before;
        let _is_set = self.account.set(Arc::clone(account));
        self.is_in_doubt.store(false, Ordering::SeqCst);
        state.in_doubt.retain(|meter| meter.id != self.id);
    }

    /// Changes the usage after a commit. What the commit used of the room is reserved no more.
    fn committed(&self, change: Amount, room: &Room) {
        let Some(account) = self.account.get() else {
            return;
        };
        let mut state = account.state();
        let Some(bucket) = state.buckets.get_mut(&self.id) else {
            return;
        };
        bucket.used += change;
        state.used += change;
        if let Some(reservation) = &room.0 {
            let mut held = lock(&reservation.held);
            let left = held.beyond(change.beyond(Amount::default()));
            let mut used = *held;
            used -= left;
            *held = left;
            state.give_back(self.id, used);
        }
    }

    /// Runs a commit that changes the usage, and changes the meter with it.
    pub(crate) async fn watch<E>(
        self: &Arc<Self>,
        change: Amount,
        room: &Room,
        commit: impl Future<Output = Result<CommitOutcome, E>>,
    ) -> Result<CommitOutcome, E> {
        if change == Amount::default() {
            return commit.await;
        }
        let _in_progress = self.gate.read().await;
        let mut doubt = Doubt(self.is_tracked().then_some(self));
        let outcome = commit.await;
        if let Ok(decided) = &outcome {
            doubt.0 = None;
            if decided.is_done() {
                self.committed(change, room);
            }
        }
        outcome
    }

    fn doubt(self: &Arc<Self>) {
        let Some(account) = self.account.get() else {
            return;
        };
        let mut state = account.state();
        if state.buckets.contains_key(&self.id) && !self.is_in_doubt.swap(true, Ordering::SeqCst) {
            state.in_doubt.push(Arc::clone(self));
        }
    }

    /// Reserves room in this bucket, which is tracked.
    pub(crate) fn reserve(self: &Arc<Self>, limits: Limits, amount: Amount) -> Result<Room, QuotaExceeded> {
        let room = Room(Some(Arc::new(Reservation {
            meter: Arc::clone(self),
            limits,
            held: Mutex::default(),
        })));
        room.grow(amount)?;
        Ok(room)
    }
}

/// Commit whose result is not known yet. If this is dropped so, the meter is in doubt.
struct Doubt<'a>(Option<&'a Arc<BucketMeter>>);

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(meter) = self.0 {
            meter.doubt();
        }
    }
}

impl AccountState {
    fn give_back(&mut self, bucket: PartitionId, amount: Amount) {
        if let Some(bucket) = self.buckets.get_mut(&bucket) {
            bucket.reserved -= amount;
            self.reserved -= amount;
        }
    }
}

impl Room {
    /// Returns whether no quota applied when the room was requested.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.0.is_none()
    }

    /// Raises the reservation by this amount.
    pub(crate) fn grow(&self, amount: Amount) -> Result<(), QuotaExceeded> {
        match &self.0 {
            Some(reservation) => reservation.grow(|_| amount),
            None => Ok(()),
        }
    }

    /// Raises the reservation to this amount, where it is less.
    pub(crate) fn hold_at_least(&self, amount: Amount) -> Result<(), QuotaExceeded> {
        match &self.0 {
            Some(reservation) => reservation.grow(|held| amount.beyond(held)),
            None => Ok(()),
        }
    }
}

impl Reservation {
    fn grow(&self, more: impl Fn(Amount) -> Amount) -> Result<(), QuotaExceeded> {
        let Some(account) = self.meter.account.get() else {
            return Ok(());
        };
        let mut state = account.state();
        let mut held = lock(&self.held);
        let more = more(*held).beyond(Amount::default());
        let Some(bucket) = state.buckets.get(&self.meter.id).copied() else {
            // The bucket was deleted: the commit will be refused.
            return Ok(());
        };
        let limits = &self.limits;
        limits.bucket.check(bucket.used, bucket.reserved, more, || {
            QuotaOwner::Bucket(limits.bucket_name.clone())
        })?;
        limits.account.check(state.used, state.reserved, more, || {
            QuotaOwner::Account(limits.account_id)
        })?;
        if let Some(bucket) = state.buckets.get_mut(&self.meter.id) {
            bucket.reserved += more;
        }
        state.reserved += more;
        *held += more;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(account) = self.meter.account.get() {
            let held = std::mem::take(&mut *lock(&self.held));
            account.state().give_back(self.meter.id, held);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
