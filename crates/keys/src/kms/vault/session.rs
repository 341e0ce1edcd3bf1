//! The token for the service: found, renewed in time, replaced when refused.

use crate::kms::error::{KmsError, Unavailable};
use crate::kms::secret_file;
use crate::kms::vault::api::{Api, Lease, Login, Response, TokenInfo};
use crate::kms::vault::settings::VaultLogin;
use hyper::Method;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

/// Minimum and maximum interval between checks whether the token is due for renewal. A check costs nothing.
const CHECK_INTERVAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// A token and its lifetime.
#[derive(Clone)]
pub(super) struct Token {
    secret: Arc<Zeroizing<String>>,
    renewable: bool,
    /// Times when two thirds of the lifetime and the whole of it have passed. `None`: the token does not expire.
    times: Option<(Instant, Instant)>,
}

impl Token {
    fn new(secret: Arc<Zeroizing<String>>, seconds: u64, renewable: bool) -> Self {
        let now = Instant::now();
        let lifetime = Duration::from_secs(seconds);
        let times = (now.checked_add(lifetime * 2 / 3)).zip(now.checked_add(lifetime));
        Self {
            secret,
            renewable,
            times: times.filter(|_| seconds > 0),
        }
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.secret, &other.secret)
    }

    fn is_renewal_due(&self) -> bool {
        self.times.is_some_and(|(due, _)| due <= Instant::now())
    }

    fn is_expired(&self) -> bool {
        self.times.is_some_and(|(_, over)| over <= Instant::now())
    }
}

/// Holder of the current token.
pub(super) struct Session {
    api: Arc<Api>,
    login: VaultLogin,
    /// Locked during a login, so that concurrent requests share it.
    token: Mutex<Option<Token>>,
    keeper: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Session {
    /// Starts a session. A background task keeps it alive until it is dropped: from now on if this is called on a
    /// runtime, else from the first request on.
    pub(super) fn start(api: Arc<Api>, login: VaultLogin) -> Arc<Self> {
        let session = Arc::new(Self {
            api,
            login,
            token: Mutex::default(),
            keeper: std::sync::Mutex::default(),
        });
        session.keep();
        session
    }

    fn keep(self: &Arc<Self>) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            *keeper = Some(runtime.spawn(keep_alive(Arc::downgrade(self))));
        }
    }

    /// Returns the current token; logs in if there is none.
    pub(super) async fn token(self: &Arc<Self>) -> Result<Token, KmsError> {
        self.keep();
        let mut held = self.token.lock().await;
        match &*held {
            Some(token) if !token.is_expired() => Ok(token.clone()),
            _ => {
                *held = None;
                let token = self.log_in().await.map_err(KmsError::Unavailable)?;
                Ok(held.insert(token).clone())
            }
        }
    }

    /// Returns the token to use after the service denied a request with `refused`: the same one if it is still valid,
    /// so that the request itself was not allowed, or a new one.
    pub(super) async fn replace_refused(&self, refused: &Token) -> Result<Token, KmsError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| !token.same_as(refused)) {
            return Ok(token.clone());
        }
        let token_info = self
            .token_info(refused.secret())
            .await
            .map_err(KmsError::Unavailable)?;
        if token_info.is_some() {
            return Ok(refused.clone());
        }
        *held = None;
        let token = self.log_in().await.map_err(KmsError::Unavailable)?;
        Ok(held.insert(token).clone())
    }

    async fn log_in(&self) -> Result<Token, Unavailable> {
        match &self.login {
            VaultLogin::TokenFile(path) => {
                let secret = secret_file::read(path)?;
                let token_info = self.token_info(&secret).await?;
                let token_info = token_info
                    .ok_or_else(|| Unavailable(format!("the token in {} is not accepted", path.display())))?;
                Ok(Token::new(Arc::new(secret), token_info.ttl, token_info.renewable))
            }
            VaultLogin::AppRole {
                mount,
                role_id_file,
                secret_id_file,
            } => {
                let (role_id, secret_id) = (
                    secret_file::read(role_id_file)?,
                    secret_file::read(secret_id_file)?,
                );
                let body = Login {
                    role_id: &role_id,
                    secret_id: &secret_id,
                };
                let path = format!("/v1/auth/{}/login", mount.trim_matches('/'));
                match self
                    .api
                    .call::<Lease>(Method::POST, &path, None, Some(&body))
                    .await?
                {
                    Response::Success(lease) => Ok(Token::new(
                        Arc::new(lease.client_token),
                        lease.duration,
                        lease.renewable,
                    )),
                    Response::Rejected(why) => Err(why),
                    Response::NotFound | Response::Denied => Err(Unavailable(format!(
                        "the role id in {} and the secret id in {} are not accepted",
                        role_id_file.display(),
                        secret_id_file.display()
                    ))),
                }
            }
        }
    }

    /// Looks up a token; `None` if it is not valid.
    async fn token_info(&self, secret: &str) -> Result<Option<TokenInfo>, Unavailable> {
        let path = "/v1/auth/token/lookup-self";
        let response = self
            .api
            .call(Method::GET, path, Some(secret), None::<&()>)
            .await?;
        match response {
            Response::Success(token_info) => Ok(Some(token_info)),
            Response::Denied | Response::NotFound => Ok(None),
            Response::Rejected(why) => Err(why),
        }
    }

    /// Logs in if not yet done, and renews a token after two thirds of its lifetime. A token that cannot be renewed, or
    /// not for long, is replaced by another if there is one.
    pub(super) async fn maintain(self: &Arc<Self>) -> Result<(), Unavailable> {
        let held = self.token.lock().await.clone();
        let Some(token) = held else {
            return match self.token().await {
                Err(KmsError::Unavailable(why)) => Err(why),
                _ => Ok(()),
            };
        };
        if !token.is_renewal_due() {
            return Ok(());
        }
        let newer = match self.renew(&token).await? {
            Some(newer) => newer,
            None => self.log_in().await?,
        };
        let mut held = self.token.lock().await;
        if held.as_ref().is_some_and(|held| held.same_as(&token)) {
            *held = Some(newer);
        }
        Ok(())
    }

    /// Renews a token; `None` if its lifetime was not extended.
    async fn renew(&self, token: &Token) -> Result<Option<Token>, Unavailable> {
        if !token.renewable {
            return Ok(None);
        }
        let path = "/v1/auth/token/renew-self";
        let response = self
            .api
            .call::<Lease>(Method::POST, path, Some(token.secret()), Some(&Empty {}));
        let Response::Success(lease) = response.await? else {
            return Ok(None);
        };
        let newer = Token::new(Arc::clone(&token.secret), lease.duration, lease.renewable);
        let longer = match (newer.times, token.times) {
            (Some((_, newer)), Some((_, older))) => newer > older + CHECK_INTERVAL.0,
            _ => true,
        };
        Ok(longer.then_some(newer))
    }
}

#[derive(serde::Serialize)]
struct Empty {}

async fn keep_alive(session: Weak<Session>) {
    let mut reported = false;
    loop {
        let Some(strong) = session.upgrade() else { return };
        match strong.maintain().await {
            Ok(()) => reported = false,
            Err(why) if !reported => {
                tracing::warn!(%why, "no token for the key management service; trying again");
                reported = true;
            }
            Err(_) => {}
        }
        let due = strong.token.lock().await.as_ref().and_then(|token| token.times);
        drop(strong);
        let wait = due.map_or(CHECK_INTERVAL.1, |(due, _)| due.duration_since(Instant::now()));
        sleep(wait.clamp(CHECK_INTERVAL.0, CHECK_INTERVAL.1)).await;
    }
}
