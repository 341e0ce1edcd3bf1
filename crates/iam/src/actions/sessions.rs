//! Actions of STS that need no role. (AWS Security Token Service API Reference.)

use crate::call::{Call, Reply};
use crate::documents::date;
use crate::error::{ApiError, Result};
use std::future::{Ready, ready};
use strongroom_access::arn::AccountId;
use strongroom_identity::IdentityError;
use strongroom_identity::principal::{Principal, PrincipalKind};
use strongroom_identity::sessions::{IssuedSession, NewSession, SessionOwner};
use strongroom_identity::tags::Tags;
use strongroom_sigv4::xml::Xml;

/// Default durations in seconds of sessions of users and of root users.
const DEFAULT_SECONDS: (u32, u32) = (43_200, 3600);
/// Maximum duration in seconds of a session of a root user: a longer one is shortened to it.
const MAX_OF_ROOT: u32 = 3600;

pub(super) fn caller_identity(call: &Call<'_>) -> Ready<Result<Reply>> {
    ready(Ok(Reply::of(|xml| {
        xml.text("Arn", &call.caller.arn());
        xml.text("UserId", &user_id(call.principal()));
        xml.text("Account", call.account().as_str());
    })))
}

pub(super) async fn session_token(call: &Call<'_>) -> Result<Reply> {
    let principal = call.principal();
    if principal.session.is_some() {
        let text = "Cannot call GetSessionToken with session credentials";
        return Err(ApiError::access_denied(text));
    }
    let seconds = call.parameters.number("DurationSeconds")?;
    let (owner, seconds) = match &principal.kind {
        PrincipalKind::Root => {
            let seconds = seconds.unwrap_or(DEFAULT_SECONDS.1);
            (SessionOwner::Root, seconds.min(MAX_OF_ROOT))
        }
        PrincipalKind::User(named) | PrincipalKind::Role(named) => {
            let seconds = seconds.unwrap_or(DEFAULT_SECONDS.0);
            (SessionOwner::Entity(named.id), seconds)
        }
    };
    let new = NewSession {
        account: call.account(),
        owner,
        name: String::new(),
        seconds,
        policy: None,
        managed: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        provider: None,
        claims: Vec::new(),
        mfa: false,
    };
    let issued = call.identities.issue_session(new).await.map_err(refused)?;
    Ok(Reply::of(|xml| credentials(xml, &issued)))
}

/// Returns the account of an access key.
pub(super) async fn access_key_info(call: &Call<'_>) -> Result<Reply> {
    let id = call.parameters.require("AccessKeyId")?;
    let principal = call.principal();
    let account = if principal.access_key_id == id {
        Some(principal.account)
    } else {
        let owner = call.identities.owner_of_key(id).await?;
        owner.map(|(account, _)| account)
    };
    // On AWS everybody may ask about every key; here a key of another account is answered like one that does not exist.
    let account = account.filter(|account: &AccountId| *account == call.account());
    let account = account
        .ok_or_else(|| ApiError::validation(format!("There is no access key {id} in the account.")))?;
    Ok(Reply::of(|xml| xml.text("Account", account.as_str())))
}

/// Writes temporary credentials.
pub(super) fn credentials(xml: &mut Xml, issued: &IssuedSession) {
    xml.nest("Credentials", |xml| {
        xml.text("AccessKeyId", &issued.access_key_id);
        xml.text("SecretAccessKey", issued.secret.expose());
        xml.text("SessionToken", &issued.token);
        date(xml, "Expiration", issued.expires);
    });
}

/// Words errors of a new session as STS does.
pub(super) fn refused(error: IdentityError) -> ApiError {
    match error {
        IdentityError::InvalidInput(text) => ApiError::validation(text),
        other => other.into(),
    }
}

/// Returns the unique id of a caller. (IAM User Guide, "IAM JSON policy elements: Variables", "Principal key values".)
fn user_id(principal: &Principal) -> String {
    match &principal.kind {
        PrincipalKind::Root => principal.account.to_string(),
        PrincipalKind::User(user) => user.id.to_string(),
        PrincipalKind::Role(role) => {
            let session = principal.session.as_ref();
            let name = session.map_or("", |session| &session.name);
            format!("{}:{name}", role.id)
        }
    }
}
