//! State that all requests share.

use crate::attempts::Attempts;
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::transfers::Transfers;
use std::sync::Arc;
use strongroom_audit::Audit;
use strongroom_engine::Engine;
use strongroom_identity::Now;
use strongroom_identity::signers::Signers;
use strongroom_permission::Judge;
use strongroom_seal::Random;

/// Everything that the console is built from.
pub struct Components {
    /// Buckets and objects.
    pub engine: Engine,
    /// Accounts, users and access keys.
    pub signers: Signers,
    /// Audit log of sign-ins.
    pub audit: Arc<dyn Audit>,
    /// Settings.
    pub settings: Settings,
    /// Source of the current time.
    pub now: Now,
    /// Source of tokens and ids.
    pub random: Arc<dyn Random>,
}

/// State that all requests share.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) signers: Signers,
    pub(crate) judge: Judge,
    pub(crate) audit: Arc<dyn Audit>,
    pub(crate) settings: Settings,
    pub(crate) now: Now,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts,
    pub(crate) transfers: Transfers,
}

impl App {
    /// Returns the time in microseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (self.now)()
    }
}
