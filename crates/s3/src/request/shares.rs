//! The share of the server that each account may take: requests per second, and requests at the same time.
//!
//! A request is admitted after its signature was checked, so nobody uses up the share of another one, and before its body
//! is read. Requests without a signature count for the owner of their bucket, apart from the owner's own requests.

use crate::response::error::ErrorResponse;
use crate::response::holding::{HeldByBody, holding};
use crate::settings::RequestLimits;
use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use http::Response;
use s3s::Body;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_access::arn::AccountId;

#[cfg(test)]
mod tests;

/// Group of requests that share limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sharer {
    /// Signed requests of an account.
    Account(AccountId),
    /// Requests without a signature to the buckets of an account.
    Public(AccountId),
}

/// The shares of all accounts.
pub(crate) struct Shares {
    all: Share,
    /// Shares of those that have limits.
    by_sharer: Mutex<HashMap<Sharer, Arc<Share>>>,
}

type Rate = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

struct Share {
    limits: RequestLimits,
    rate: Option<Rate>,
    in_progress: Arc<AtomicU32>,
}

/// A place among the requests in progress. Given back when dropped.
pub(crate) struct Place {
    in_progress: Arc<AtomicU32>,
}

/// The places of a request. Empty: nothing limits it.
#[derive(Default)]
pub(crate) struct Places(Vec<Place>);

impl Shares {
    /// Creates shares of a server with limits for all requests together.
    pub(crate) fn new(all: RequestLimits) -> Self {
        Self {
            all: Share::new(all, Arc::default()),
            by_sharer: Mutex::default(),
        }
    }

    /// Admits a request. `None`: it counts for nobody.
    ///
    /// # Errors
    /// `SlowDown`.
    pub(crate) fn admit(&self, of: Option<(Sharer, RequestLimits)>) -> Result<Places, ErrorResponse> {
        let mut places = Places::default();
        if let Some((sharer, limits)) = of
            && !limits.is_none()
        {
            self.share(sharer, limits).admit(&mut places)?;
        }
        self.all.admit(&mut places)?;
        Ok(places)
    }

    /// Returns the share of a sharer. A change of its limits keeps the requests in progress.
    fn share(&self, sharer: Sharer, limits: RequestLimits) -> Arc<Share> {
        let mut all = self.by_sharer.lock().unwrap_or_else(PoisonError::into_inner);
        let share = all
            .entry(sharer)
            .or_insert_with(|| Arc::new(Share::new(limits, Arc::default())));
        if share.limits != limits {
            *share = Arc::new(Share::new(limits, Arc::clone(&share.in_progress)));
        }
        Arc::clone(share)
    }
}

impl Share {
    fn new(limits: RequestLimits, in_progress: Arc<AtomicU32>) -> Self {
        let rate = |number| RateLimiter::direct_with_clock(Quota::per_second(number), MonotonicClock);
        Self {
            limits,
            rate: limits.per_second.map(rate),
            in_progress,
        }
    }

    /// Takes a place, and one request of the rate.
    fn admit(&self, places: &mut Places) -> Result<(), ErrorResponse> {
        if let Some(max) = self.limits.at_once {
            let taken = self
                .in_progress
                .try_update(Ordering::AcqRel, Ordering::Acquire, |number| {
                    (number < max.get()).then(|| number + 1)
                });
            taken.map_err(|_| ErrorResponse::slow_down())?;
            places.0.push(Place {
                in_progress: Arc::clone(&self.in_progress),
            });
        }
        match &self.rate {
            Some(rate) if rate.check().is_err() => Err(ErrorResponse::slow_down()),
            _ => Ok(()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.in_progress.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Places {
    /// Keeps the places taken until the response was sent.
    pub(crate) fn keep(self, response: Response<Body>) -> Response<Body> {
        if self.0.is_empty() {
            return response;
        }
        response.map(|body| holding(body, self))
    }
}

impl HeldByBody for Places {}
