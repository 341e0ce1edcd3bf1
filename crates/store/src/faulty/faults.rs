//! Faults: the calls they affect, and their effects.

use crate::error::{Result, StoreError};
use bytes::{Bytes, BytesMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each has the name of its call")]
pub enum Call {
    Admit,
    CreateBlob,
    WriteBlob,
    FinishBlob,
    OpenBlob,
    ReadBlob,
    DeleteBlob,
    SyncDeletions,
    ListBlobs,
    ScrubBlob,
    SetBlobAside,
    ListLost,
    RestoreLost,
    DeleteLost,
    CreatePartition,
    Generation,
    RemovePartition,
    Get,
    Scan,
    Counter,
    Commit,
    Envelopes,
    AddEnvelope,
    KeepOnlyEnvelope,
    RemoveEnvelopes,
    EnvelopesOfPartitions,
}

/// Effect of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The call fails and does nothing.
    Fail,
    /// The call does its work, but returns an error: the caller cannot know the result.
    FailAfter,
    /// One bit of the bytes read is flipped. Affects only ranges of blobs and values of rows. [`Call::ScrubBlob`]
    /// detects the damage; any other call fails.
    FlipBit,
    /// The second half of the bytes read is missing. Affects the same calls as [`Effect::FlipBit`].
    Truncate,
    /// The call is delayed by this time.
    Delay(Duration),
}

/// An effect on a future call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Kind of the calls to count.
    pub call: Call,
    /// Number of the affected call, counted from when the fault was added; 1 is the next one.
    pub nth: u64,
    /// Effect on the call.
    pub effect: Effect,
}

/// The faults of a store. Clones share one set, so a test can keep one to add faults later.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: Vec<Fault>,
    drawn: Option<Drawn>,
    random: Random,
    struck: u64,
}

struct Drawn {
    chance: f64,
    effects: Vec<Effect>,
}

impl Faults {
    /// Creates an empty set.
    pub fn none() -> Self {
        Self::default()
    }

    /// Affects each call with the probability `chance` (0 to 1) by one of the effects.
    pub fn seeded(seed: u64, chance: f64, effects: impl Into<Vec<Effect>>) -> Self {
        let faults = Self::default();
        *faults.state() = State {
            drawn: Some(Drawn {
                chance,
                effects: effects.into(),
            }),
            random: Random(seed),
            ..State::default()
        };
        faults
    }

    /// Adds a fault.
    pub fn add(&self, fault: Fault) {
        self.state().script.push(fault);
    }

    /// Adds a fault for the next call of a kind.
    pub fn next(&self, call: Call, effect: Effect) {
        self.add(Fault { call, nth: 1, effect });
    }

    /// Removes all faults.
    pub fn clear(&self) {
        let mut state = self.state();
        state.script.clear();
        state.drawn = None;
    }

    /// Returns the number of affected calls.
    pub fn struck(&self) -> u64 {
        self.state().struck
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the effect on the current call, and removes its fault.
    fn strike(&self, call: Call) -> Option<Effect> {
        let mut state = self.state();
        let mut effect = None;
        state.script.retain_mut(|fault| {
            if fault.call != call {
                return true;
            }
            fault.nth = fault.nth.saturating_sub(1);
            let strikes = fault.nth == 0 && effect.is_none();
            if strikes {
                effect = Some(fault.effect);
            }
            !strikes
        });
        let state = &mut *state;
        if effect.is_none()
            && let Some(drawn) = &state.drawn
            && !drawn.effects.is_empty()
            && state.random.fraction() < drawn.chance
        {
            effect = drawn
                .effects
                .get(state.random.below(drawn.effects.len()))
                .copied();
        }
        state.struck += u64::from(effect.is_some());
        effect
    }

    /// Makes a call whose result contains no bytes to change.
    pub(super) async fn call<T>(&self, call: Call, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.strike(call) {
            None => work.await,
            Some(Effect::Delay(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
            Some(Effect::FailAfter) => {
                work.await?;
                Err(injected(call))
            }
            Some(Effect::Fail | Effect::FlipBit | Effect::Truncate) => Err(injected(call)),
        }
    }

    /// Makes a call whose result can be changed by `change`.
    pub(super) async fn call_and_change<T>(
        &self,
        call: Call,
        work: impl Future<Output = Result<T>>,
        change: impl FnOnce(T, &mut Random, Effect) -> T,
    ) -> Result<T> {
        match self.strike(call) {
            None => work.await,
            Some(effect @ (Effect::FlipBit | Effect::Truncate)) => {
                let result = work.await?;
                Ok(change(result, &mut self.state().random, effect))
            }
            Some(Effect::Delay(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
            Some(Effect::FailAfter) => {
                work.await?;
                Err(injected(call))
            }
            Some(Effect::Fail) => Err(injected(call)),
        }
    }
}

fn injected(call: Call) -> StoreError {
    StoreError::failed(format!("making the call {call:?}"), "a fault was injected")
}

/// Changes bytes as a broken device would.
pub(super) fn change(bytes: &Bytes, random: &mut Random, effect: Effect) -> Bytes {
    if bytes.is_empty() {
        return Bytes::new();
    }
    if effect == Effect::Truncate {
        return bytes.slice(..bytes.len() / 2);
    }
    let mut changed = BytesMut::from(bytes.as_ref());
    let bit = random.below(8);
    let place = random.below(changed.len());
    if let Some(byte) = changed.get_mut(place) {
        *byte ^= 1 << bit;
    }
    changed.freeze()
}

/// `SplitMix64`: small, repeatable, and never used for secrets.
#[derive(Default)]
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to 1.
    fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit as u64)).unwrap_or_default()
    }
}
