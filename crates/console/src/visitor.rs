//! The signed-in person of a request, and what this person may do.

use crate::app::App;
use crate::failure::Failure;
use crate::operation::Operation;
use crate::record::{Record, Recorded};
use crate::transport::Transport;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use std::sync::Arc;
use strongroom_access::policy::{arn, key};
use strongroom_audit::Actor;
use strongroom_audit::RequestId;
use strongroom_engine::model::acl::{Initiator, ObjectAccess};
use strongroom_engine::model::judged::JudgedObject;
use strongroom_engine::model::owner::BucketOwner;
use strongroom_engine::{Engine, Error, VersionName};
use strongroom_identity::console_sessions::TokenDigest;
use strongroom_identity::model::console_session::{ConsoleSession, Proof};
use strongroom_identity::principal::{Principal, PrincipalKind};
use strongroom_permission::{AccessRequest, Caller, Identity, RequestConditions, Subject};
use time::OffsetDateTime;
use time::macros::format_description;

/// A request as it was received, before anybody is known to have made it.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) app: Arc<App>,
    pub(crate) transport: Transport,
    pub(crate) id: RequestId,
    /// Name of the client's program, as it gave it.
    pub(crate) agent: String,
    /// Time of the request, in microseconds since 1970.
    pub(crate) now: u64,
    /// Theme that the person chose.
    pub(crate) theme: Theme,
    /// Lines in the audit log.
    pub(crate) record: Arc<Record>,
}

/// Colours of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Those of the system.
    #[default]
    System,
    Light,
    Dark,
}

/// The signed-in person of a request.
#[derive(Clone)]
pub(crate) struct Visitor(Arc<Signed>);

pub(crate) struct Signed {
    pub(crate) received: Received,
    pub(crate) digest: TokenDigest,
    pub(crate) session: ConsoleSession,
    pub(crate) principal: Arc<Principal>,
}

/// Object or bucket that an operation is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct Target<'a> {
    pub(crate) bucket: &'a str,
    /// `None`: the bucket itself.
    pub(crate) key: Option<&'a str>,
    /// `None`: the newest version.
    pub(crate) version: Option<VersionName>,
}

impl<'a> Target<'a> {
    pub(crate) fn bucket(bucket: &'a str) -> Self {
        Self {
            bucket,
            ..Self::default()
        }
    }

    pub(crate) fn object(bucket: &'a str, key: &'a str, version: Option<VersionName>) -> Self {
        Self {
            bucket,
            key: Some(key),
            version,
        }
    }
}

/// Values of condition keys.
pub(crate) type Values = Vec<(&'static str, String)>;

impl std::ops::Deref for Visitor {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.0
    }
}

impl Visitor {
    pub(crate) fn new(
        received: Received,
        (digest, session): (TokenDigest, ConsoleSession),
        principal: Arc<Principal>,
    ) -> Self {
        Self(Arc::new(Signed {
            received,
            digest,
            session,
            principal,
        }))
    }

    /// Returns the engine for an operation that the person may carry out. It records the person as the originator of its
    /// key uses.
    ///
    /// # Errors
    /// The failure of a denial; errors of the engine.
    pub(crate) async fn permit(
        &self,
        operation: &Operation,
        target: Target<'_>,
        values: Values,
    ) -> Result<Engine, Failure> {
        let caller = self.caller(values);
        let action = action_on(operation, target);
        let decision = caller.decide(&access(operation, target)).await?;
        self.record(operation, target, decision.allowed)?;
        if decision.allowed {
            let judged = target.key.zip(decision.judged).map(|(key, by)| JudgedObject {
                bucket: target.bucket.to_owned(),
                key: key.to_owned(),
                version: target.version,
                by,
            });
            let engine = self.received.app.engine.acting_as(self.actor(operation));
            return Ok(engine.permitted_by(judged.into_iter().collect()));
        }
        let resource = arn(target.bucket, target.key);
        Err(Failure::denied(
            action,
            decision.message(caller.identity(), action, &resource),
        ))
    }

    /// Works like [`Self::permit`], for an operation on no existing bucket.
    pub(crate) fn permit_without_bucket(
        &self,
        operation: &Operation,
        bucket: Option<&str>,
    ) -> Result<Engine, Failure> {
        let caller = self.caller(Values::new());
        let resource = arn(bucket.unwrap_or("*"), None);
        let decision = caller.decide_without_bucket(operation.action, &resource);
        self.record(
            operation,
            Target::bucket(bucket.unwrap_or_default()),
            decision.allowed,
        )?;
        if decision.allowed {
            return Ok(self.received.app.engine.acting_as(self.actor(operation)));
        }
        Err(Failure::denied(
            operation.action,
            decision.message(caller.identity(), operation.action, &resource),
        ))
    }

    /// Returns whether the person may carry out an operation. A missing bucket is reported by the operation.
    pub(crate) async fn may(&self, operation: &Operation, target: Target<'_>) -> Result<bool, Failure> {
        let decision = self
            .caller(Values::new())
            .decide(&access(operation, target))
            .await?;
        Ok(decision.allowed)
    }

    /// Returns the failure of a read: a person who may not list the bucket must not learn that an object does not exist.
    pub(crate) async fn hide_missing(&self, target: Target<'_>, error: Error) -> Failure {
        let is_missing = matches!(
            error,
            Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::Deleted(..)
        );
        let list = crate::operation::LIST_OBJECTS;
        if is_missing {
            match self.may(&list, Target::bucket(target.bucket)).await {
                Ok(true) => {}
                Ok(false) => return Failure::denied(list.action, None),
                Err(failure) => return failure,
            }
        }
        Failure::from(error)
    }

    /// Returns owner and access control list of an object that the person creates. Where lists are enabled it belongs to
    /// the person's account, and is private.
    ///
    /// # Errors
    /// Errors of the engine.
    pub(crate) async fn access_of_new(&self, bucket: &str) -> Result<ObjectAccess, Failure> {
        let (bucket_owner, settings) = self.received.app.engine.bucket_access(bucket).await?;
        let owner = self.account();
        let is_other = settings.acls_enabled() && owner != bucket_owner;
        Ok(ObjectAccess {
            owner: is_other.then_some(owner),
            acl: None,
        })
    }

    /// Returns the person as initiator of an upload.
    pub(crate) fn initiator(&self) -> Initiator {
        Initiator {
            account: self.account(),
            arn: (!matches!(self.principal.kind, PrincipalKind::Root)).then(|| self.arn()),
        }
    }

    fn account(&self) -> BucketOwner {
        BucketOwner {
            account: self.principal.account,
            canonical_id: self.principal.canonical_id,
        }
    }

    /// Returns the name of the person for pages.
    pub(crate) fn name(&self) -> String {
        match &self.principal.kind {
            PrincipalKind::Root => "root".to_owned(),
            PrincipalKind::User(named) | PrincipalKind::Role(named) => named.name.to_string(),
        }
    }

    /// Adds the line of an operation to the audit log.
    ///
    /// # Errors
    /// No line can be accepted.
    fn record(&self, operation: &Operation, target: Target<'_>, is_allowed: bool) -> Result<(), Failure> {
        let recorded = self.received.record.add(Recorded {
            actor: self.actor(operation),
            category: operation.category(),
            account: self.principal.account.to_string(),
            principal: self.arn(),
            bucket: target.bucket.to_owned(),
            key: target.key.unwrap_or_default().to_owned(),
            version: target.version,
            failure: (!is_allowed).then_some("AccessDenied"),
        });
        recorded.map_err(|error| Failure::from(Error::from(error)))
    }

    fn actor(&self, operation: &Operation) -> Actor {
        let who = match &self.session.proof {
            Proof::AccessKey(id) => id.clone(),
            Proof::Password { .. } => self.arn(),
        };
        Actor {
            who: who.into(),
            operation: operation.name.into(),
            request: self.received.id.to_string().into(),
            address: Some(self.received.transport.address.to_canonical()),
        }
    }

    /// Returns the ARN of the person.
    pub(crate) fn arn(&self) -> String {
        self.principal
            .as_policy_principal()
            .arn()
            .unwrap_or_default()
            .into_owned()
    }

    fn caller(&self, values: Values) -> Caller {
        let conditions = self.conditions(values);
        let identity = Identity::Principal(Arc::clone(&self.principal));
        self.received.app.judge.caller(identity, conditions)
    }

    /// Returns the condition keys that a request of S3 would have, except those of its signature: a session signs nothing.
    fn conditions(&self, values: Values) -> RequestConditions {
        let mut conditions = RequestConditions::default();
        let seconds = i64::try_from(self.received.now / 1_000_000).unwrap_or_default();
        conditions.add(key::EPOCH_TIME, seconds.to_string());
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");
        let time = OffsetDateTime::from_unix_timestamp(seconds);
        if let Some(time) = time.ok().and_then(|time| time.format(form).ok()) {
            conditions.add(key::CURRENT_TIME, time);
        }
        conditions.add(key::SECURE_TRANSPORT, self.received.transport.secure.to_string());
        let address = self.received.transport.address.to_canonical();
        conditions.add(key::SOURCE_IP, address.to_string());
        conditions.add(key::USER_AGENT, self.received.agent.clone());
        conditions.add(key::REQUESTED_REGION, self.received.app.settings.region.clone());
        for (name, value) in values {
            conditions.add(name, value);
        }
        conditions
    }
}

fn action_on(operation: &Operation, target: Target<'_>) -> &'static str {
    if target.version.is_some() {
        operation.action_on_version
    } else {
        operation.action
    }
}

fn access<'a>(operation: &Operation, target: Target<'a>) -> AccessRequest<'a> {
    AccessRequest {
        action: action_on(operation, target),
        subject: if operation.creates_object() {
            Subject::New
        } else {
            Subject::Existing
        },
        bucket: target.bucket,
        key: target.key,
        version: target.version,
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Failure::new(
                http::StatusCode::UNAUTHORIZED,
                "SignedOut",
                "You are signed out",
                "Sign in to go on.",
            )
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Failure> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

impl<S: Sync> FromRequestParts<S> for Received {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        // The front puts it there before the router sees the request.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Failure::not_found)
    }
}
