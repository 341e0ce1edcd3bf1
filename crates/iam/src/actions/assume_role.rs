//! `AssumeRole`. (AWS Security Token Service API Reference; IAM User Guide, "Use IAM roles".)

use crate::actions::roles;
use crate::actions::sessions::{credentials, refused};
use crate::call::{Call, Reply};
use crate::error::{ApiError, Result};
use crate::permission::{self, Asked};
use crate::target::Resource;
use strongroom_access::arn::{AccountId, Arn, Name};
use strongroom_access::policy::key;
use strongroom_identity::IdentityError;
use strongroom_identity::model::entity::Entity as _;
use strongroom_identity::model::role::Role;
use strongroom_identity::principal::{PrincipalKind, Session};
use strongroom_identity::sessions::{NewSession, SessionOwner};
use strongroom_identity::tags::Tags;

/// Default duration of a session in seconds, and the maximum if a session of a role begins it.
const SECONDS: u32 = 3600;
/// Lengths of external ids in characters.
const EXTERNAL_ID: std::ops::RangeInclusive<usize> = 2..=1224;

pub(super) async fn assume(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let arn = parameters.require("RoleArn")?;
    let session = parameters.name("RoleSessionName", Name::of_session)?;
    let Ok(Arn::Role { account, path, name }) = Arn::parse(arn) else {
        return Err(ApiError::validation(format!("{arn} is invalid")));
    };
    if matches!(call.principal().kind, PrincipalKind::Root) {
        return Err(ApiError::access_denied(
            "Roles may not be assumed by root accounts.",
        ));
    }
    let wanted = Wanted::read(call)?;
    let role = match call.identities.get::<Role>(account, &name).await {
        Ok(role) if role.path == path => Some(role),
        Ok(_) | Err(IdentityError::NoSuchEntity(_)) => None,
        Err(error) => return Err(error.into()),
    };
    // Answered like a role that does not trust the caller, so that nobody can look for roles of other accounts.
    let role = role.ok_or_else(|| refusal(call, "sts:AssumeRole", arn))?;
    // The role's own ARN: names are found without regard to case, but policies compare it.
    let arn = role.arn(account).to_string();
    wanted.require(call, &arn, account, &role, session.as_str())?;
    let assumed = Arn::AssumedRole {
        account,
        role: role.name.clone(),
        session: session.clone(),
    };
    let new = NewSession {
        account,
        owner: SessionOwner::Entity(role.id),
        name: session.to_string(),
        seconds: wanted.seconds,
        policy: parameters.get("Policy").map(str::to_owned),
        managed: parameters
            .fields("PolicyArns", "arn")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        tags: wanted.tags,
        transitive: wanted.transitive,
        source_identity: wanted.source_identity.clone(),
        provider: None,
        claims: Vec::new(),
        mfa: false,
    };
    let issued = call.identities.issue_session(new).await.map_err(refused)?;
    Ok(Reply::of(|xml| {
        credentials(xml, &issued);
        xml.nest("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &format!("{}:{session}", role.id));
            xml.text("Arn", &assumed.to_string());
        });
        xml.text("PackedPolicySize", &issued.packed_percent.to_string());
        if let Some(identity) = &wanted.source_identity {
            xml.text("SourceIdentity", identity);
        }
    }))
}

/// Session that a caller wants, with what it keeps of the caller's own session.
struct Wanted {
    seconds: u32,
    external_id: Option<String>,
    tags: Tags,
    /// Keys of the tags that sessions begun by the new one keep.
    transitive: Vec<String>,
    source_identity: Option<String>,
    /// True if the request itself has tags or a source identity, for which the caller needs permission.
    has_tags: bool,
    sets_identity: bool,
}

impl Wanted {
    fn read(call: &Call<'_>) -> Result<Self> {
        let parameters = call.parameters;
        let role_session = match &call.principal().kind {
            PrincipalKind::Role(_) => call.principal().session.as_ref(),
            PrincipalKind::Root | PrincipalKind::User(_) => None,
        };
        let seconds = parameters.number("DurationSeconds")?.unwrap_or(SECONDS);
        if role_session.is_some() && seconds > SECONDS {
            return Err(ApiError::validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        let external_id = parameters.get("ExternalId").map(str::to_owned);
        if let Some(id) = &external_id {
            let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@:/-".contains(letter);
            if !EXTERNAL_ID.contains(&id.chars().count()) || !id.chars().all(is_letter) {
                let constraint = "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*";
                return Err(ApiError::value("ExternalId", id, constraint));
            }
        }
        let (tags, transitive) = tags(call, role_session)?;
        let requested = parameters.optional_name("SourceIdentity", Name::of_session)?;
        let inherited = call
            .principal()
            .session
            .as_ref()
            .and_then(|session| session.source_identity.clone());
        let source_identity = match (&requested, inherited) {
            (Some(requested), Some(inherited)) if requested.as_str() != inherited => {
                return Err(ApiError::access_denied(
                    "The source identity of a session cannot be changed by assuming another role.",
                ));
            }
            (Some(requested), _) => Some(requested.to_string()),
            (None, inherited) => inherited,
        };
        Ok(Self {
            seconds,
            external_id,
            has_tags: !tags.is_empty(),
            tags,
            transitive,
            sets_identity: requested.is_some(),
            source_identity,
        })
    }

    /// Requires the permission for everything that the request asks for, by the caller's policies and the role's trust
    /// policy.
    fn require(
        &self,
        call: &Call<'_>,
        arn: &str,
        account: AccountId,
        role: &Role,
        session: &str,
    ) -> Result<()> {
        let trust = roles::trust_policy(arn, role)?;
        let mut values = vec![
            (key::ROLE_SESSION_NAME, session.to_owned()),
            (key::DURATION_SECONDS, self.seconds.to_string()),
        ];
        values.extend(self.external_id.clone().map(|id| (key::EXTERNAL_ID, id)));
        if let Some(identity) = &self.source_identity {
            values.push((key::REQUESTED_SOURCE_IDENTITY, identity.clone()));
        }
        for tag in &self.transitive {
            values.push((key::TRANSITIVE_TAG_KEYS, tag.clone()));
        }
        let resource = Resource {
            arn: arn.to_owned(),
            tags: role.tags.clone(),
            boundary: None,
        };
        let mut actions = vec!["sts:AssumeRole"];
        actions.extend(self.has_tags.then_some("sts:TagSession"));
        actions.extend(self.sets_identity.then_some("sts:SetSourceIdentity"));
        for action in actions {
            let asked = Asked {
                action,
                resource: &resource,
                owner: account.as_str(),
                trust: Some(&trust),
                values: &values,
            };
            // Without the reason: it would tell whether the role exists.
            permission::require_asked(call, &asked).map_err(|_| refusal(call, action, arn))?;
        }
        Ok(())
    }
}

/// Returns the tags of the new session and the keys of the transitive ones: those of the request, and the transitive
/// ones of the caller's session. (IAM User Guide, "Pass session tags in AWS STS", "Chaining roles with session tags".)
fn tags(call: &Call<'_>, role_session: Option<&Session>) -> Result<(Tags, Vec<String>)> {
    let parameters = call.parameters;
    let mut tags = parameters.tags()?;
    let mut transitive: Vec<String> = Vec::new();
    for key in parameters.list("TransitiveTagKeys") {
        if tags.get(key).is_none() {
            let text = format!("The transitive tag key {key} is not the key of a tag in the request.");
            return Err(ApiError::new(400, "InvalidParameterValue", text));
        }
        transitive.push(key.to_owned());
    }
    for key in role_session.into_iter().flat_map(|session| &session.transitive) {
        if tags.get(key).is_some() {
            let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                        key from the calling session.";
            return Err(ApiError::new(400, "InvalidParameterValue", text));
        }
        let value = role_session.and_then(|session| session.tags.get(key));
        if let Some(value) = value {
            tags.merge(&Tags::new([(key.clone(), value.to_owned())])?)?;
            transitive.push(key.clone());
        }
    }
    Ok((tags, transitive))
}

fn refusal(call: &Call<'_>, action: &str, arn: &str) -> ApiError {
    let caller = call.caller.arn();
    ApiError::access_denied(format!(
        "User: {caller} is not authorized to perform: {action} on resource: {arn}"
    ))
}
