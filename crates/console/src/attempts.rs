//! Limits on attempts to sign in: by the address of the client, and by the name that is tried.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// Attempts of one address in [`WINDOW`].
const PER_ADDRESS: u32 = 10;
/// Failures of one name before it has to wait.
const PER_NAME: u32 = 5;
/// Time in which attempts of an address are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// First wait of a name. It doubles with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// Longest wait of a name.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// Time without a failure after which those of a name are forgotten.
const FORGOTTEN: Duration = Duration::from_mins(15);
/// Maximum number of addresses, and of names, that are remembered. The oldest are forgotten first.
const MAX_KNOWN: usize = 10_000;

/// The attempts to sign in of the last minutes. Times are in microseconds since 1970.
#[derive(Default)]
pub(crate) struct Attempts {
    addresses: Mutex<HashMap<IpAddr, Count>>,
    names: Mutex<HashMap<String, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    number: u32,
    /// Begin of the window, or time of the last failure.
    since: u64,
}

impl Attempts {
    /// Counts an attempt from this address under this name.
    ///
    /// # Errors
    /// The time to wait. The attempt must not be made, and does not count.
    pub(crate) fn begin(&self, address: IpAddr, name: &str, now: u64) -> Result<(), Duration> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = names.get(name)
            && let Some(left) = wait_after(count.number).checked_sub(since(count.since, now))
            && !left.is_zero()
        {
            return Err(left);
        }
        drop(names);
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(network(address)).or_insert(Count {
            number: 0,
            since: now,
        });
        let age = since(count.since, now);
        if age >= WINDOW {
            *count = Count {
                number: 0,
                since: now,
            };
        } else if count.number >= PER_ADDRESS {
            return Err(WINDOW.saturating_sub(age));
        }
        count.number += 1;
        forget_some(&mut addresses);
        Ok(())
    }

    /// Notes that an attempt under this name failed.
    pub(crate) fn failed(&self, name: &str, now: u64) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let count = names.entry(name.to_owned()).or_insert(Count {
            number: 0,
            since: now,
        });
        if since(count.since, now) >= FORGOTTEN {
            count.number = 0;
        }
        *count = Count {
            number: count.number.saturating_add(1),
            since: now,
        };
        forget_some(&mut names);
    }

    /// Forgets the failures of a name whose attempt succeeded.
    pub(crate) fn succeeded(&self, name: &str) {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }
}

/// Returns the time to wait after this number of failures.
fn wait_after(failures: u32) -> Duration {
    let Some(beyond) = failures.checked_sub(PER_NAME) else {
        return Duration::ZERO;
    };
    // Six doublings pass the longest wait.
    FIRST_WAIT.saturating_mul(1 << beyond.min(6)).min(LONGEST_WAIT)
}

fn since(then: u64, now: u64) -> Duration {
    Duration::from_micros(now.saturating_sub(then))
}

/// Returns what an address is counted as: of IPv6 the first 64 bits, which one client has to itself.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        IpAddr::V4(_) => address,
    }
}

/// Forgets the older half of too many entries.
fn forget_some<K: Clone + Eq + Hash>(counts: &mut HashMap<K, Count>) {
    if counts.len() <= MAX_KNOWN {
        return;
    }
    let mut times: Vec<u64> = counts.values().map(|count| count.since).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len() / 2).copied() else {
        return;
    };
    counts.retain(|_, count| count.since > middle);
}
