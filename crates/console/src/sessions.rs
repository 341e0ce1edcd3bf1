//! Sessions of signed-in people: kept in memory, with a row of each so that a restart ends none.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use strongroom_identity::console_sessions::TokenDigest;
use strongroom_identity::model::console_session::{ConsoleSession, Proof};
use strongroom_identity::{Identities, IdentityError};
use strongroom_seal::{Random, random};

/// Maximum number of sessions of one caller. The one that was used least recently ends.
const MAX_OF_CALLER: usize = 50;

/// The sessions of a store.
pub(crate) struct Sessions {
    identities: Identities,
    random: Arc<dyn Random>,
    idle: Duration,
    longest: Duration,
    live: Mutex<HashMap<TokenDigest, Live>>,
}

/// A session, with what only this process knows of it.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) session: ConsoleSession,
    /// Time of the last request, in microseconds since 1970.
    pub(crate) used: u64,
}

/// Token of a session, as the cookie has it. Has no `Debug`.
pub(crate) struct Token(pub(crate) String);

impl Sessions {
    /// Reads the sessions that have a row, and deletes those that ended.
    pub(crate) async fn open(
        identities: Identities,
        random: Arc<dyn Random>,
        (idle, longest): (Duration, Duration),
        now: u64,
    ) -> Result<Self, IdentityError> {
        let sessions = Self {
            identities,
            random,
            idle,
            longest,
            live: Mutex::default(),
        };
        let (mut ended, mut live) = (Vec::new(), HashMap::new());
        for (digest, session) in sessions.identities.console_sessions().await? {
            // The time of the last use is not known: the restart counts as one.
            let known = Live { session, used: now };
            if sessions.is_over(&known, now) {
                ended.push(digest);
            } else {
                live.insert(digest, known);
            }
        }
        sessions.forget_rows(&ended).await;
        *sessions.table() = live;
        Ok(sessions)
    }

    /// Begins a session and returns its token. If the store takes no write, the session of the store's operator is kept in
    /// memory alone, because the operator needs the console most then.
    ///
    /// # Errors
    /// [`IdentityError::Rows`], [`IdentityError::Random`].
    pub(crate) async fn begin(
        &self,
        session: ConsoleSession,
        is_operator: bool,
    ) -> Result<Token, IdentityError> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>(&*self.random)?);
        let digest = digest_of(&token);
        let written = self.identities.add_console_session(&digest, &session).await;
        match written {
            Err(IdentityError::Rows(error)) if is_operator => {
                tracing::warn!(%error, "the session of the operator has no row; it ends with the server");
            }
            written => written?,
        }
        let now = session.began;
        let ended = {
            let mut live = self.table();
            let ended: Vec<_> = live
                .iter()
                .filter(|(_, known)| self.is_over(known, now))
                .map(|(digest, _)| *digest)
                .chain(too_many(&live, &session))
                .collect();
            for digest in &ended {
                live.remove(digest);
            }
            live.insert(digest, Live { session, used: now });
            ended
        };
        self.forget_rows(&ended).await;
        Ok(Token(token))
    }

    /// Returns the session of a token, and notes its use.
    pub(crate) fn find(&self, token: &str, now: u64) -> Option<(TokenDigest, ConsoleSession)> {
        let digest = digest_of(token);
        let mut live = self.table();
        let known = live.get_mut(&digest)?;
        if self.is_over(known, now) {
            return None;
        }
        known.used = now;
        Some((digest, known.session.clone()))
    }

    /// Returns the sessions of a caller, the one that was used last first.
    pub(crate) fn of_caller(&self, session: &ConsoleSession, now: u64) -> Vec<(TokenDigest, Live)> {
        let live = self.table();
        let mut found: Vec<_> = live
            .iter()
            .filter(|(_, known)| is_same_caller(&known.session, session) && !self.is_over(known, now))
            .map(|(digest, known)| (*digest, known.clone()))
            .collect();
        found.sort_by_key(|(_, known)| std::cmp::Reverse(known.used));
        found
    }

    /// Ends sessions. They are not accepted from now on, even if their rows cannot be deleted.
    pub(crate) async fn end(&self, digests: &[TokenDigest]) {
        {
            let mut live = self.table();
            for digest in digests {
                live.remove(digest);
            }
        }
        self.forget_rows(digests).await;
    }

    async fn forget_rows(&self, digests: &[TokenDigest]) {
        if let Err(error) = self.identities.delete_console_sessions(digests).await {
            tracing::warn!(%error, "cannot delete the rows of sessions that ended; a restart revives those that are not over");
        }
    }

    fn is_over(&self, known: &Live, now: u64) -> bool {
        let age = |since: u64| Duration::from_micros(now.saturating_sub(since));
        age(known.used) >= self.idle
            || age(known.session.began) >= self.longest
            || known.session.epoch != self.identities.epoch()
    }

    fn table(&self) -> MutexGuard<'_, HashMap<TokenDigest, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest_of(token: &str) -> TokenDigest {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    let mut bytes = [0; 32];
    // SHA-256 has 32 bytes.
    bytes
        .iter_mut()
        .zip(digest.as_ref())
        .for_each(|(to, from)| *to = *from);
    bytes
}

/// Returns the least recently used session of a caller that has the maximum number.
fn too_many(live: &HashMap<TokenDigest, Live>, session: &ConsoleSession) -> Option<TokenDigest> {
    let own = || {
        live.iter()
            .filter(|(_, known)| is_same_caller(&known.session, session))
    };
    if own().count() < MAX_OF_CALLER {
        return None;
    }
    own()
        .min_by_key(|(_, known)| known.used)
        .map(|(digest, _)| *digest)
}

fn is_same_caller(one: &ConsoleSession, other: &ConsoleSession) -> bool {
    let same = match (&one.proof, &other.proof) {
        (Proof::AccessKey(one), Proof::AccessKey(other)) => one == other,
        (Proof::Password { user: one, .. }, Proof::Password { user: other, .. }) => one == other,
        _ => false,
    };
    one.account == other.account && same
}
