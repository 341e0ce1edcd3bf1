//! The commit log: the truth about everything that was committed since the tables of the index were last written.
//!
//! Groups of commits are appended to segments and synced before they are applied to the index. Each group is bound to
//! the groups before it by a keyed chain, so that a missing, exchanged or changed group is found.

pub(super) mod group;

mod segment;

mod writer;

mod replay;

mod changes;

pub(super) use changes::{apply, salvage, time_of};
pub(super) use group::{Chain, Changes};
pub(super) use replay::{Verified, verify, verify_closed};
pub(super) use segment::{Origin, cut_unused, first_commits, ordinals, origin, path as segment_path};
pub(super) use writer::{LogWriter, Segments};

use crate::authenticator::{Authenticator, MacPurpose};

/// End of a part of the log: the number of its last commit and the chain value of its last group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) chain: Chain,
}

impl Head {
    /// Returns the head of a log without groups. It binds the first group to the store and its timeline.
    pub(super) fn of_empty_log(origin: &Origin, authenticator: &dyn Authenticator) -> Self {
        let parts = [&b"strongroom log"[..], &origin.store, &origin.timeline];
        Self {
            number: 0,
            chain: authenticator.mac(MacPurpose::Log, &parts),
        }
    }
}
