//! The check of credentials, and the principal of a session.

use crate::app::App;
use crate::failure::Failure;
use crate::sessions::Token;
use crate::visitor::Received;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use std::sync::Arc;
use std::time::Duration;
use strongroom_access::arn::{AccountId, Name};
use strongroom_audit::{Actor, IdentityChange};
use strongroom_identity::IdentityError;
use strongroom_identity::login::PasswordAnswer;
use strongroom_identity::model::console_session::{ConsoleSession, Proof};
use strongroom_identity::principal::{Principal, PrincipalKind};
use strongroom_identity::signers::SignerError;
use zeroize::Zeroizing;

/// Bytes of the name of a client's program that are kept.
const MAX_AGENT: usize = 200;

/// Credentials that somebody signs in with.
pub(crate) enum Credentials {
    /// An access key and its secret.
    AccessKey { id: String, secret: Zeroizing<String> },
    /// A user of an account, by the account's id, alias or name.
    Password {
        account: String,
        user: String,
        password: Zeroizing<String>,
        /// Password to set in place of that one.
        new: Option<Zeroizing<String>>,
    },
}

/// Outcome of an attempt to sign in.
pub(crate) enum Outcome {
    /// Signed in.
    Begun(Token),
    /// The credentials are not valid. Nothing tells whether they exist.
    Wrong,
    /// The user must set another password.
    NewPassword,
    /// The password may not be set; the reason.
    Unfit(String),
    /// Too many attempts: the time to wait.
    Wait(Duration),
}

impl Credentials {
    /// Returns the name under which attempts are counted.
    fn name(&self) -> String {
        match self {
            Self::AccessKey { id, .. } => id.clone(),
            Self::Password { account, user, .. } => [account, "/", user].concat().to_lowercase(),
        }
    }
}

/// A caller whose credentials are valid.
struct Proven {
    proof: Proof,
    principal: Arc<Principal>,
}

/// Checks credentials and begins a session.
///
/// # Errors
/// The failure if the store cannot be read or written, or the audit log cannot be written.
pub(crate) async fn sign_in(received: &Received, credentials: Credentials) -> Result<Outcome, Failure> {
    let app = &received.app;
    app.audit
        .ready()
        .map_err(|error| Failure::from(strongroom_engine::Error::from(error)))?;
    let name = credentials.name();
    if let Err(wait) = app
        .attempts
        .begin(received.transport.address.to_canonical(), &name, received.now)
    {
        return Ok(Outcome::Wait(wait));
    }
    let proven = match credentials {
        Credentials::AccessKey { id, secret } => by_access_key(app, id, &secret).await?,
        Credentials::Password {
            account,
            user,
            password,
            new,
        } => match by_password(app, &account, &user, password, new).await? {
            ByPassword::Proven(proven) => Some(proven),
            ByPassword::Wrong => None,
            ByPassword::NewPassword => return Ok(Outcome::NewPassword),
            ByPassword::Unfit(why) => return Ok(Outcome::Unfit(why)),
        },
    };
    let Some(Proven { proof, principal }) = proven else {
        app.attempts.failed(&name, received.now);
        record(received, None, "AccessDenied");
        return Ok(Outcome::Wrong);
    };
    app.attempts.succeeded(&name);
    let mut agent = received.agent.clone();
    while agent.len() > MAX_AGENT {
        agent.pop();
    }
    let session = ConsoleSession {
        account: principal.account,
        proof,
        began: received.now,
        address: received.transport.address.to_canonical().to_string(),
        agent,
        epoch: app.signers.identities().epoch(),
    };
    let is_operator = principal.account == AccountId::ROOT && matches!(principal.kind, PrincipalKind::Root);
    let token = app.sessions.begin(session, is_operator).await?;
    record(received, Some(&principal), "ok");
    Ok(Outcome::Begun(token))
}

/// Returns the principal of a session as of now. `None`: its credentials are no longer valid.
///
/// # Errors
/// The failure if the store cannot be read.
pub(crate) async fn principal_of(
    app: &App,
    session: &ConsoleSession,
) -> Result<Option<Arc<Principal>>, Failure> {
    match &session.proof {
        Proof::AccessKey(id) => Ok(find(app, id).await?.map(|key| Arc::clone(key.principal()))),
        Proof::Password { user, salt } => {
            let identities = app.signers.identities();
            let principal = identities
                .principal_by_password(session.account, user.id(), *salt)
                .await?;
            Ok(principal.map(Arc::new))
        }
    }
}

async fn find(app: &App, id: &str) -> Result<Option<strongroom_identity::principal::SigningKey>, Failure> {
    match app.signers.find(id, None).await {
        Ok(key) => Ok(Some(key)),
        Err(SignerError::Identity(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

async fn by_access_key(app: &App, id: String, secret: &str) -> Result<Option<Proven>, Failure> {
    let found = find(app, &id).await?;
    // Compared with something of the same length in any case.
    let expected = found.as_ref().map_or("", |key| key.secret().expose());
    let same = verify_slices_are_equal(secret.as_bytes(), expected.as_bytes()).is_ok();
    Ok(found.filter(|_| same && !secret.is_empty()).map(|key| Proven {
        proof: Proof::AccessKey(id),
        principal: Arc::clone(key.principal()),
    }))
}

enum ByPassword {
    Proven(Proven),
    Wrong,
    NewPassword,
    Unfit(String),
}

async fn by_password(
    app: &App,
    account: &str,
    user: &str,
    password: Zeroizing<String>,
    new: Option<Zeroizing<String>>,
) -> Result<ByPassword, Failure> {
    let identities = app.signers.identities();
    // Unknown accounts and users take as long as known ones: the password is hashed for a name that nobody has.
    let account = account_of(app, account).await?;
    let name = Name::of_user(user).or_else(|_| Name::of_user("nobody"));
    let Ok(name) = name else {
        return Ok(ByPassword::Wrong);
    };
    let is_known = account.is_some() && name.as_str() == user;
    let account = account.unwrap_or(AccountId::ROOT);
    let mut proof = identities.proof_by_password(account, &name).await?;
    let answer = identities
        .check_password(account, &name, password.clone())
        .await?;
    let PasswordAnswer::Right { reset_required } = answer else {
        return Ok(ByPassword::Wrong);
    };
    if !is_known {
        return Ok(ByPassword::Wrong);
    }
    match new {
        // Only who must set another password sets one here: otherwise it takes the permission `iam:ChangePassword`.
        _ if !reset_required => {}
        None => return Ok(ByPassword::NewPassword),
        Some(new) if *new == *password => {
            return Ok(ByPassword::Unfit("The new password is the old one.".to_owned()));
        }
        Some(new) => {
            match identities
                .update_login(account, &name, Some(new), Some(false))
                .await
            {
                Ok(()) => {}
                Err(error @ IdentityError::PasswordPolicyViolation { .. }) => {
                    return Ok(ByPassword::Unfit(error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
            proof = identities.proof_by_password(account, &name).await?;
        }
    }
    let Some(proof @ Proof::Password { user, salt }) = proof else {
        return Ok(ByPassword::Wrong);
    };
    let principal = identities.principal_by_password(account, user.id(), salt).await?;
    Ok(match principal {
        Some(principal) => ByPassword::Proven(Proven {
            proof,
            principal: Arc::new(principal),
        }),
        // The account is suspended.
        None => ByPassword::Wrong,
    })
}

/// Returns the account of this id, alias or name.
async fn account_of(app: &App, text: &str) -> Result<Option<AccountId>, Failure> {
    let identities = app.signers.identities();
    if let Ok(id) = AccountId::parse(text) {
        return match identities.account(id).await {
            Ok(account) => Ok(Some(account.id)),
            Err(IdentityError::NoSuchEntity(_)) => Ok(None),
            Err(error) => Err(error.into()),
        };
    }
    let found = match identities.account_by_alias(&text.to_lowercase()).await? {
        Some(account) => Some(account),
        None => identities.account_by_name(text).await?,
    };
    Ok(found.map(|account| account.id))
}

/// Records an attempt to sign in.
fn record(received: &Received, principal: Option<&Principal>, result: &str) {
    let arn = principal.and_then(|principal| principal.as_policy_principal().arn());
    let arn = arn.unwrap_or("anonymous".into());
    let change = IdentityChange {
        actor: Some(Actor {
            who: principal
                .map_or("anonymous", |principal| &principal.access_key_id)
                .into(),
            operation: "console:SignIn".into(),
            request: received.id.to_string().into(),
            address: Some(received.transport.address.to_canonical()),
        }),
        account: principal.map_or("", |principal| principal.account.as_str()),
        principal: &arn,
        entity: &arn,
        result,
    };
    if received.app.audit.record_change(&change).is_err() {
        tracing::error!(alarm = "audit", "a sign-in could not be recorded");
    }
}
