//! What a [`super::KeyService`] remembers: unwrapped keys, names, refusals, and that a service is away.

use super::flight::Flights;
use super::timed::{Digest, Timed};
use super::{Context, KmsError, Unavailable, canonical};
use aws_lc_rs::digest::{Context as Sha256, SHA256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use strongroom_seal::OuterKey;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long, and how much, is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long an unwrapped key, a shared key, and what a name stands for are kept. Zero keeps none.
    pub positive: Duration,
    /// How long it is remembered that a key is not there, is disabled, or may not be used.
    pub negative: Duration,
    /// How long a service that could not be used is left alone.
    pub transient: Duration,
    /// How many of each kind are kept.
    pub entries: usize,
    /// How many data keys a shared key wraps before another takes its place.
    pub uses: u32,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            positive: Duration::from_mins(5),
            negative: Duration::from_secs(10),
            transient: Duration::from_secs(2),
            entries: 10_000,
            uses: 100_000,
        }
    }
}

impl Lifetimes {
    /// The shortest for which anything is kept in [`Timed`]; zero keeps nothing.
    fn shortest(self) -> Duration {
        let (one, other) = (self.positive, self.negative);
        match (one.is_zero(), other.is_zero()) {
            (false, false) => one.min(other),
            _ => one.max(other),
        }
    }
}

/// What a [`super::KeyService`] did since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Questions that were answered from memory, also with a refusal or because the service is away.
    pub hits: u64,
    /// Questions that were not. Those who asked the same at the same time waited for one call.
    pub misses: u64,
    /// Calls to the service.
    pub calls: u64,
    /// Calls that the service refused.
    pub refusals: u64,
    /// Calls that the service did not answer.
    pub failures: u64,
    /// Unwrapped keys that are in memory now.
    pub held: u64,
}

#[derive(Default)]
struct Counters {
    hits: AtomicU64,
    misses: AtomicU64,
    calls: AtomicU64,
    refusals: AtomicU64,
    failures: AtomicU64,
}

/// What is asked of a service. Part of what answers are found by.
#[derive(Clone, Copy)]
pub(super) enum Question {
    Describe,
    Generate,
    Unwrap,
}

/// A key, and the same wrapped.
pub(super) type KeyPair = (Arc<OuterKey>, Vec<u8>);

/// A key that may be issued again.
struct Shared {
    key_id: String,
    pair: KeyPair,
    uses_left: u32,
}

/// What is remembered, under one lock.
pub(super) struct Remembered {
    /// Counts purges: what was asked before one is not remembered after it.
    age: u64,
    /// The ids that names lead to.
    pub(super) ids: Timed<String>,
    pub(super) opened: Timed<Arc<OuterKey>>,
    shared: Timed<Shared>,
    refused: Timed<KmsError>,
    away: Option<(Instant, Unavailable)>,
    sweeper: Option<JoinHandle<()>>,
}

pub(super) struct Cache {
    pub(super) lifetimes: Lifetimes,
    remembered: Mutex<Remembered>,
    pub(super) describing: Flights<String>,
    pub(super) opening: Flights<Arc<OuterKey>>,
    pub(super) sharing: Flights<()>,
    counters: Counters,
}

impl Cache {
    pub(super) fn new(lifetimes: Lifetimes) -> Arc<Self> {
        let Lifetimes {
            positive, entries, ..
        } = lifetimes;
        Arc::new(Self {
            lifetimes,
            remembered: Mutex::new(Remembered {
                age: 0,
                ids: Timed::new(positive, entries),
                opened: Timed::new(positive, entries),
                shared: Timed::new(positive, entries),
                refused: Timed::new(lifetimes.negative, entries),
                away: None,
                sweeper: None,
            }),
            describing: Flights::default(),
            opening: Flights::default(),
            sharing: Flights::default(),
            counters: Counters::default(),
        })
    }

    /// What `find` finds, or a refusal that is remembered of the question or of the key as a whole, or that the service
    /// is away; none if the service has to be asked.
    pub(super) fn look<V>(
        &self,
        question: &Asked,
        find: impl FnOnce(&mut Remembered, Instant) -> Option<V>,
    ) -> Option<Result<V, KmsError>> {
        let now = Instant::now();
        let mut remembered = self.lock();
        let found = match find(&mut remembered, now) {
            Some(value) => Some(Ok(value)),
            None => remembered.refusal(question, now).map(Err),
        };
        drop(remembered);
        let counter = match found {
            Some(_) => &self.counters.hits,
            None => &self.counters.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Makes one call to the service, and remembers its answer: a refusal here, anything else by `keep`.
    pub(super) async fn call<V>(
        self: &Arc<Self>,
        question: &Asked,
        call: impl Future<Output = Result<V, KmsError>>,
        keep: impl FnOnce(&mut Remembered, &V, Instant),
    ) -> Result<V, KmsError> {
        let age = self.lock().age;
        self.counters.calls.fetch_add(1, Ordering::Relaxed);
        let answer = call.await;
        let now = Instant::now();
        let mut remembered = self.lock();
        let counter = match &answer {
            Ok(_) => None,
            Err(KmsError::Unavailable(_)) => Some(&self.counters.failures),
            Err(_) => Some(&self.counters.refusals),
        };
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        remembered.hear(answer.as_ref().err(), now, self.lifetimes.transient);
        if remembered.age == age {
            match &answer {
                Ok(value) => keep(&mut remembered, value, now),
                Err(error) => remembered.refuse(question, error, now),
            }
            self.sweep_in_time(&mut remembered);
        }
        answer
    }

    /// Forgets all. What requests under way hold, they keep to their end.
    pub(super) fn purge(&self) {
        let mut remembered = self.lock();
        remembered.age += 1;
        remembered.ids.clear();
        remembered.opened.clear();
        remembered.shared.clear();
        remembered.refused.clear();
        remembered.away = None;
        drop(remembered);
        self.describing.forget();
        self.opening.forget();
        self.sharing.forget();
    }

    pub(super) fn counts(&self) -> KeyCounts {
        let remembered = self.lock();
        let held = remembered.opened.len() + remembered.shared.len();
        drop(remembered);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KeyCounts {
            hits: read(&self.counters.hits),
            misses: read(&self.counters.misses),
            calls: read(&self.counters.calls),
            refusals: read(&self.counters.refusals),
            failures: read(&self.counters.failures),
            held: held as u64,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that keys go when their time has come even if nobody asks any more.
    fn sweep_in_time(self: &Arc<Self>, remembered: &mut Remembered) {
        let swept = remembered
            .sweeper
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        if swept || remembered.next_to_go(Instant::now()).is_none() {
            return;
        }
        remembered.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))));
    }
}

/// Drops what has expired, until there is nothing left to wait for.
async fn sweep(cache: Weak<Cache>) {
    loop {
        let Some(strong) = cache.upgrade() else { return };
        let next = {
            let mut remembered = strong.lock();
            let next = remembered.next_to_go(Instant::now());
            if next.is_none() {
                remembered.sweeper = None;
            }
            next
        };
        // What is remembered while it sleeps may have to go before what it sleeps for, but not sooner than this.
        let soonest = Instant::now() + strong.lifetimes.shortest();
        drop(strong);
        let Some(next) = next else { return };
        tokio::time::sleep_until(next.min(soonest)).await;
    }
}

impl Remembered {
    /// The key that `question` was answered with before, if it has a use left.
    pub(super) fn take_use(&mut self, question: &Asked, now: Instant) -> Option<KeyPair> {
        let shared = self.shared.get_mut(&question.exactly, now)?;
        shared.uses_left -= 1;
        let spent = shared.uses_left == 0;
        let pair = shared.pair.clone();
        if spent {
            self.shared.remove(&question.exactly);
        }
        Some(pair)
    }

    /// Keeps a key that is being used for the first time, for others to use and to open what it wraps.
    pub(super) fn share(
        &mut self,
        question: &Asked,
        pair: &KeyPair,
        context: &Context,
        uses: u32,
        now: Instant,
    ) {
        let (key, wrapped) = pair;
        let opening = Asked::new(Question::Unwrap, &question.key, wrapped, context);
        self.opened.insert(opening.exactly, Arc::clone(key), now);
        if uses > 1 {
            let shared = Shared {
                key_id: question.key.clone(),
                pair: pair.clone(),
                uses_left: uses - 1,
            };
            self.shared.insert(question.exactly, shared, now);
        }
    }

    fn refusal(&self, question: &Asked, now: Instant) -> Option<KmsError> {
        let of_key = self.refused.get(&question.of_key, now);
        let refused = of_key.or_else(|| self.refused.get(&question.exactly, now));
        if let Some(refusal) = refused {
            return Some(refusal.clone());
        }
        let (until, why) = self.away.as_ref()?;
        (*until > now).then(|| KmsError::Unavailable(why.clone()))
    }

    fn refuse(&mut self, question: &Asked, error: &KmsError, now: Instant) {
        let of_key = matches!(
            error,
            KmsError::NotFound(_) | KmsError::Disabled(_) | KmsError::InvalidState(_)
        );
        if of_key {
            self.shared.retain(|shared| shared.key_id != question.key);
            self.refused.insert(question.of_key, error.clone(), now);
        } else if !matches!(error, KmsError::Unavailable(_)) {
            self.refused.insert(question.exactly, error.clone(), now);
        }
    }

    /// Takes note of whether the service is there.
    fn hear(&mut self, error: Option<&KmsError>, now: Instant, pause: Duration) {
        if let Some(KmsError::Unavailable(why)) = error {
            if self.away.is_none() {
                tracing::warn!(%why, "the key management service cannot be used");
            }
            self.away = Some((now + pause, why.clone()));
        } else if self.away.take().is_some() {
            tracing::info!("the key management service can be used again");
        }
    }

    /// Drops what has expired. Tells when there will be more to drop.
    fn next_to_go(&mut self, now: Instant) -> Option<Instant> {
        let next = [
            self.ids.sweep(now),
            self.opened.sweep(now),
            self.shared.sweep(now),
            self.refused.sweep(now),
        ];
        next.into_iter().flatten().min()
    }
}

/// A question, in the two forms that answers are found by.
pub(super) struct Asked {
    pub(super) key: String,
    /// Of the question, whatever the context.
    pub(super) of_key: Digest,
    /// Of the question and all that belongs to it.
    pub(super) exactly: Digest,
}

impl Asked {
    pub(super) fn new(question: Question, key: &str, wrapped: &[u8], context: &Context) -> Self {
        let kind: &[u8] = match question {
            Question::Describe => b"describe",
            Question::Generate => b"generate",
            Question::Unwrap => b"unwrap",
        };
        Self {
            key: key.to_owned(),
            of_key: digest(&[kind, key.as_bytes()]),
            exactly: digest(&[kind, key.as_bytes(), wrapped, &canonical(context)]),
        }
    }
}

/// Of parts with their lengths before them, so that no two lists of parts run together.
fn digest(parts: &[&[u8]]) -> Digest {
    let mut sha = Sha256::new(&SHA256);
    for part in parts {
        sha.update(&(part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(sha.finish().as_ref());
    digest
}
