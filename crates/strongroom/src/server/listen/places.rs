//! The places for connections: who gets one, and whose connection is closed for it.
//!
//! A connection on which a request with a valid signature arrived keeps its place. When nearly all places are taken, the
//! oldest of the others is closed for each new connection, so that strangers cannot shut out clients: they keep a place
//! only for as long as others of them take to fill the rest. One address has a share of the places, above which its own
//! oldest connection is closed.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strongroom_s3::Standing;
use tokio::sync::Notify;

use crate::settings::Network;

#[cfg(test)]
mod tests;

/// Part of the places that are kept free: one of this number.
const KEPT_FREE: usize = 16;
/// Bits of an IPv6 address that belong to its network: one customer of a provider has all addresses of a /64.
const IPV6_SHIFT: u32 = 64;

/// Numbers of places.
#[derive(Debug, Clone)]
pub(crate) struct PlaceLimits {
    /// Maximum number of open connections.
    pub(crate) max: usize,
    /// Maximum number of open connections of one address.
    pub(crate) per_address: usize,
    /// Proxies, whose addresses stand for many clients and have no share.
    pub(crate) proxies: Vec<Network>,
}

/// The places of a server.
pub(super) struct Places {
    limits: PlaceLimits,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    /// Open connections, by their number: the oldest first.
    connections: BTreeMap<u64, Entry>,
    by_address: HashMap<IpAddr, usize>,
    /// Number of those that are being closed.
    leaving: usize,
    next: u64,
}

struct Entry {
    address: IpAddr,
    standing: Standing,
    evicted: Arc<Notify>,
    is_leaving: bool,
}

/// The place of one connection, free again when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    pub(super) standing: Standing,
    evicted: Arc<Notify>,
}

/// Answer to a new connection.
enum Admission {
    Admitted(Place),
    /// The address has its share.
    Refused,
    /// No place is free yet.
    Full,
}

impl Places {
    pub(super) fn new(limits: PlaceLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            taken: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Returns a place for a new connection, once there is one. `None`: its address has its share, and only clients with
    /// valid signatures in it.
    pub(super) async fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        loop {
            let freed = self.freed.notified();
            match self.try_admit(peer) {
                Admission::Admitted(place) => return Some(place),
                Admission::Refused => return None,
                Admission::Full => freed.await,
            }
        }
    }

    /// Returns the number of open connections.
    pub(super) fn count(&self) -> usize {
        self.lock().connections.len()
    }

    /// Waits until all connections are closed.
    pub(super) async fn all_free(&self) {
        loop {
            let freed = self.freed.notified();
            if self.count() == 0 {
                return;
            }
            freed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_admit(self: &Arc<Self>, peer: IpAddr) -> Admission {
        let PlaceLimits {
            max,
            per_address,
            proxies,
        } = &self.limits;
        let has_share = !proxies.iter().any(|proxy| proxy.contains(peer));
        let address = group(peer);
        let mut taken = self.lock();
        let of_address = taken.by_address.get(&address).copied().unwrap_or(0);
        if has_share && of_address >= *per_address && !taken.evict(|entry| entry.address == address) {
            return Admission::Refused;
        }
        if taken.connections.len() - taken.leaving >= max - max / KEPT_FREE {
            taken.evict(|_| true);
        }
        if taken.connections.len() >= *max {
            return Admission::Full;
        }
        let number = taken.next;
        taken.next += 1;
        *taken.by_address.entry(address).or_default() += 1;
        let (standing, evicted) = (Standing::default(), Arc::new(Notify::new()));
        let entry = Entry {
            address,
            standing: standing.clone(),
            evicted: Arc::clone(&evicted),
            is_leaving: false,
        };
        taken.connections.insert(number, entry);
        Admission::Admitted(Place {
            places: Arc::clone(self),
            number,
            standing,
            evicted,
        })
    }
}

impl Taken {
    /// Closes the oldest of these connections without a signed request. Returns whether there is one.
    fn evict(&mut self, is_candidate: impl Fn(&Entry) -> bool) -> bool {
        let mut entries = self.connections.values_mut();
        let oldest =
            entries.find(|entry| !entry.is_leaving && !entry.standing.is_signed() && is_candidate(entry));
        if let Some(entry) = oldest {
            entry.is_leaving = true;
            self.leaving += 1;
            entry.evicted.notify_one();
            return true;
        }
        false
    }
}

impl Place {
    /// Waits until the connection must be closed to make room.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(entry) = taken.connections.remove(&self.number) {
            taken.leaving -= usize::from(entry.is_leaving);
            if let Some(count) = taken.by_address.get_mut(&entry.address) {
                *count -= 1;
                if *count == 0 {
                    taken.by_address.remove(&entry.address);
                }
            }
        }
        drop(taken);
        self.places.freed.notify_waiters();
    }
}

/// Returns the address that a share belongs to: the network of an IPv6 address.
fn group(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> IPV6_SHIFT << IPV6_SHIFT;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}
