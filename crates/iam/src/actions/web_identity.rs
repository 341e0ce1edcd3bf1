//! `AssumeRoleWithWebIdentity`. (AWS Security Token Service API Reference; IAM User Guide, "OIDC federation".)

use crate::actions::roles;
use crate::actions::sessions::{credentials, refused};
use crate::call::{Reply, Visit, Visitor};
use crate::error::{ApiError, Result};
use crate::permission;
use crate::target::Resource;
use crate::web_token::{Claims, SessionTags, Unverified};
use strongroom_access::arn::{AccountId, Arn, Name};
use strongroom_access::policy::key;
use strongroom_identity::IdentityError;
use strongroom_identity::model::account::AccountStatus;
use strongroom_identity::model::entity::Entity as _;
use strongroom_identity::model::provider::Provider;
use strongroom_identity::model::role::Role;
use strongroom_identity::sessions::{NewSession, SessionOwner};

/// Default duration of a session in seconds.
const SECONDS: u32 = 3600;
/// Claims that policies can test in the session too. (IAM User Guide, "IAM and AWS STS condition context keys".)
const KEPT: [&str; 3] = ["aud", "sub", "amr"];

/// Token that was verified.
struct Verified {
    provider: String,
    /// The client id of the token that the provider accepts.
    client_id: String,
    claims: Claims,
    /// Condition keys of the claims.
    conditions: Vec<(String, String)>,
}

/// Assumes a role. `visitor` becomes whom the provider vouches for, once the token is verified.
pub(super) async fn assume(visit: &Visit<'_>, visitor: &mut Option<Visitor>) -> Result<Reply> {
    let parameters = visit.parameters;
    let arn = parameters.require("RoleArn")?;
    let session = parameters.name("RoleSessionName", Name::of_session)?;
    let Ok(Arn::Role { account, path, name }) = Arn::parse(arn) else {
        return Err(ApiError::validation(format!("{arn} is invalid")));
    };
    let seconds = parameters.number("DurationSeconds")?.unwrap_or(SECONDS);
    let verified = verify(visit, account, parameters.require("WebIdentityToken")?).await?;
    let Verified { provider, claims, .. } = &verified;
    *visitor = Some(Visitor {
        account,
        name: [provider, ":", &verified.client_id, ":", &claims.subject].concat(),
    });
    let role = match visit.identities.get::<Role>(account, &name).await {
        Ok(role) if role.path == path => Some(role),
        Ok(_) | Err(IdentityError::NoSuchEntity(_)) => None,
        Err(error) => return Err(error.into()),
    };
    // Answered like a role that does not trust the provider, so that nobody can look for roles.
    let role = role.ok_or_else(|| not_authorized("sts:AssumeRoleWithWebIdentity"))?;
    let SessionTags { tags, transitive } = claims.session_tags()?;
    let source_identity = claims.source_identity()?;
    if let Some(identity) = source_identity {
        Name::of_session(identity).map_err(|error| ApiError::identifier("SourceIdentity", &error))?;
    }
    let mut values = verified.conditions.clone();
    let mut add = |key: &str, value: &str| values.push((key.to_owned(), value.to_owned()));
    add(key::ROLE_SESSION_NAME, session.as_str());
    add(key::DURATION_SECONDS, &seconds.to_string());
    for (tag, value) in tags.iter() {
        add(&[key::REQUEST_TAG, tag].concat(), value);
        add(key::TAG_KEYS, tag);
    }
    for tag in &transitive {
        add(key::TRANSITIVE_TAG_KEYS, tag);
    }
    if let Some(identity) = source_identity {
        add(key::REQUESTED_SOURCE_IDENTITY, identity);
    }
    let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
    actions.extend((!tags.is_empty()).then_some("sts:TagSession"));
    actions.extend(source_identity.map(|_| "sts:SetSourceIdentity"));
    require(visit, account, &role, provider, &actions, &values)?;
    let kept = |key: &&(String, String)| KEPT.iter().any(|name| is_claim(&key.0, provider, name));
    let new = NewSession {
        account,
        owner: SessionOwner::Entity(role.id),
        name: session.to_string(),
        seconds,
        policy: parameters.get("Policy").map(str::to_owned),
        managed: parameters
            .fields("PolicyArns", "arn")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        tags,
        transitive,
        source_identity: source_identity.map(str::to_owned),
        provider: Some(provider.clone()),
        claims: verified.conditions.iter().filter(kept).cloned().collect(),
        mfa: false,
    };
    let issued = visit.identities.issue_session(new).await.map_err(refused)?;
    let assumed = Arn::AssumedRole {
        account,
        role: role.name.clone(),
        session: session.clone(),
    };
    Ok(Reply::of(|xml| {
        credentials(xml, &issued);
        xml.text("SubjectFromWebIdentityToken", &claims.subject);
        xml.nest("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &format!("{}:{session}", role.id));
            xml.text("Arn", &assumed.to_string());
        });
        xml.text("PackedPolicySize", &issued.packed_percent.to_string());
        xml.text("Provider", &claims.issuer);
        xml.text("Audience", &verified.client_id);
        if let Some(identity) = source_identity {
            xml.text("SourceIdentity", identity);
        }
    }))
}

/// Verifies a token with the keys of its issuer, which must be an identity provider of the role's account. Nothing else
/// in the token is believed before its signature is verified.
async fn verify(visit: &Visit<'_>, account: AccountId, token: &str) -> Result<Verified> {
    let unverified = Unverified::read(token)?;
    let url = unverified.issuer.clone();
    let provider = provider(visit, account, &url).await?;
    let id = unverified.key_id.as_deref();
    let key = visit.keys.find(&url, id, unverified.algorithm).await?;
    let claims = unverified.verify(&key)?;
    claims.check_times(visit.context.now / 1_000_000)?;
    let client_id = claims.client_id(&provider.client_ids)?.to_owned();
    Ok(Verified {
        provider: provider.arn(account).to_string(),
        client_id,
        conditions: claims.conditions(&provider.issuer),
        claims,
    })
}

/// Returns the identity provider of an account whose URL is the issuer of a token.
async fn provider(visit: &Visit<'_>, account: AccountId, url: &str) -> Result<Provider> {
    let missing = || {
        let text = format!("No OpenIDConnect provider found in your account for {url}");
        ApiError::invalid_identity_token(text)
    };
    let (_, issuer) = url.split_once("://").ok_or_else(missing)?;
    let issuer = issuer.to_owned();
    let arn = Arn::OidcProvider { account, issuer }.to_string();
    match visit.identities.provider(account, &arn).await {
        Ok(provider) if provider.url() == url => {
            let found = visit.identities.account(account).await?;
            if found.status == AccountStatus::Suspended {
                return Err(ApiError::access_denied("The account is suspended."));
            }
            Ok(provider)
        }
        Ok(_) | Err(IdentityError::NoSuchEntity(_) | IdentityError::InvalidInput(_)) => Err(missing()),
        Err(error) => Err(error.into()),
    }
}

/// Requires that the trust policy of the role allows all actions.
fn require(
    visit: &Visit<'_>,
    account: AccountId,
    role: &Role,
    provider: &str,
    actions: &[&str],
    values: &[(String, String)],
) -> Result<()> {
    // The role's own ARN: names are found without regard to case, but policies compare it.
    let resource = Resource {
        arn: role.arn(account).to_string(),
        tags: role.tags.clone(),
        boundary: None,
    };
    let trust = roles::trust_policy(&resource.arn, role)?;
    let trust = (account.as_str(), &trust);
    let trusts = |action: &&&str| permission::trusts(visit, provider, action, &resource, trust, values);
    match actions.iter().find(|action| !trusts(action)) {
        None => Ok(()),
        Some(action) => Err(not_authorized(action)),
    }
}

/// Returns whether a condition key is that of a claim.
fn is_claim(key: &str, provider: &str, name: &str) -> bool {
    let issuer = provider.split_once(":oidc-provider/").map(|(_, issuer)| issuer);
    key.strip_suffix(name).and_then(|rest| rest.strip_suffix(':')) == issuer
}

fn not_authorized(action: &str) -> ApiError {
    ApiError::access_denied(format!("Not authorized to perform {action}"))
}
