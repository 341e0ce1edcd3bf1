//! `strongroom policy explain`: may somebody do something, and by which statements of which policies?

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_access::arn::Arn;
use strongroom_access::evaluation::Outcome;
use strongroom_access::policy::{Effect, Mismatch};
use strongroom_identity::principal::Principal;
use strongroom_identity::{Identities, IdentityError, Subject};
use strongroom_permission::{AccessRequest, Explained, Identity, Judge, RequestConditions};

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

/// Principal of requests without a signature.
const ANONYMOUS: &str = "anonymous";
/// Beginning of the ARNs of buckets and objects.
const S3: &str = "arn:aws:s3:::";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explain {
    /// ARN of a root user, a user, a role or a session of a role; the id of an access key; or `anonymous`.
    pub(crate) principal: String,
    /// Action, such as `s3:GetObject`.
    pub(crate) action: String,
    /// ARN of a bucket or an object, or of something else that no bucket contains.
    pub(crate) resource: String,
    /// Values of condition keys of the request.
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// The decision, and what it follows from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Explanation {
    pub(crate) allowed: bool,
    /// The rule that decided.
    pub(crate) reason: String,
    /// ARN of the caller; absent for anonymous requests.
    pub(crate) principal: Option<String>,
    /// All statements of all policies that apply to the caller, in order.
    pub(crate) statements: Vec<Judged>,
    /// Condition keys that the policies test and that have no value.
    pub(crate) missing_keys: Vec<String>,
}

/// A statement, and whether it applies to the request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Judged {
    /// Kind of the policy.
    pub(crate) kind: String,
    /// Name of the policy.
    pub(crate) policy: String,
    /// Position in the policy, from 1.
    pub(crate) statement: usize,
    pub(crate) sid: Option<String>,
    /// `Allow` or `Deny`.
    pub(crate) effect: String,
    /// The first element that does not match. `None`: the statement applies.
    pub(crate) mismatch: Option<String>,
}

impl Job for Explain {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/policies/explain";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = Explanation;

    fn command(&self) -> &'static str {
        "policy explain"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<Explanation, JobError> {
        self.check()?;
        let identities = host.core.identities().await?;
        let identity = identity(identities, &self.principal).await?;
        let mut conditions = RequestConditions::default();
        for (key, values) in &self.context {
            for value in values {
                conditions.add(key, value.as_str());
            }
        }
        let principal = identity.arn();
        let judge = Judge::new(host.core.engine.clone(), identities.clone());
        let caller = judge.caller(identity, conditions);
        let explained = match self.resource.strip_prefix(S3) {
            Some(id) => {
                let (bucket, key) = id
                    .split_once('/')
                    .map_or((id, None), |(bucket, key)| (bucket, Some(key)));
                let request = AccessRequest {
                    action: &self.action,
                    bucket,
                    key,
                    version: None,
                    subject: strongroom_permission::Subject::Existing,
                };
                let explained = caller.explain(&request).await?;
                explained.ok_or_else(|| JobError::NoBucket(bucket.to_owned()))?
            }
            None => caller.explain_without_bucket(&self.action, &self.resource),
        };
        Ok(explanation(&explained, principal))
    }
}

impl Explain {
    /// Refuses what no policy could be asked about.
    fn check(&self) -> Result<(), JobError> {
        let is_action = self.action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        // Who may assume a role is decided by its trust policy, for which a request has other context.
        if !is_action || self.action.starts_with("sts:") {
            return Err(JobError::Action(self.action.clone()));
        }
        let is_resource = self.resource == "*" || self.resource.starts_with("arn:aws:");
        if !is_resource || self.resource == S3 {
            return Err(JobError::Resource(self.resource.clone()));
        }
        Ok(())
    }
}

/// Finds the caller.
async fn identity(identities: &Identities, principal: &str) -> Result<Identity, JobError> {
    if principal == ANONYMOUS {
        return Ok(Identity::Anonymous);
    }
    let found: Principal = match Arn::parse(principal) {
        Ok(Arn::Root(account)) => identities.principal_of_root(account).await?,
        Ok(Arn::User { account, name, .. }) => identities.principal_of_user(account, &name).await?,
        Ok(Arn::Role { account, name, .. }) => {
            let session = strongroom_access::arn::Name::of_session("explain");
            let session = session.map_err(|_| JobError::Principal(principal.to_owned()))?;
            identities.principal_of_role(account, &name, &session).await?
        }
        Ok(Arn::AssumedRole {
            account,
            role,
            session,
        }) => identities.principal_of_role(account, &role, &session).await?,
        Ok(_) => return Err(JobError::Principal(principal.to_owned())),
        Err(_) => match identities.owner_of_key(principal).await? {
            Some((account, Some(user))) => identities.principal_of_user(account, &user).await?,
            Some((account, None)) => identities.principal_of_root(account).await?,
            None if principal.starts_with("arn:") => return Err(JobError::Principal(principal.to_owned())),
            None => {
                let subject = Subject::AccessKey(principal.to_owned());
                return Err(IdentityError::NoSuchEntity(subject).into());
            }
        },
    };
    Ok(Identity::Principal(Arc::new(found)))
}

fn explanation(explained: &Explained, principal: Option<String>) -> Explanation {
    Explanation {
        allowed: explained.decision.allowed,
        reason: explained.decision.reason.to_string(),
        principal,
        statements: explained.statements.iter().map(judged).collect(),
        missing_keys: explained.missing_keys.clone(),
    }
}

fn judged(outcome: &Outcome) -> Judged {
    Judged {
        kind: outcome.layer.to_string(),
        policy: outcome.policy.to_string(),
        statement: outcome.statement.number,
        sid: outcome.statement.sid.clone(),
        effect: match outcome.effect {
            Effect::Allow => "Allow".to_owned(),
            Effect::Deny => "Deny".to_owned(),
        },
        mismatch: outcome.mismatch.as_ref().map(|mismatch| match mismatch {
            Mismatch::Principal => "Principal".to_owned(),
            Mismatch::Action => "Action".to_owned(),
            Mismatch::Resource => "Resource".to_owned(),
            Mismatch::Condition { operator, key } => format!("Condition {operator} {key}"),
        }),
    }
}
