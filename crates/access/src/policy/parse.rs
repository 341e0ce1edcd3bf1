//! Parser of policies.

use crate::policy::action::Actions;
use crate::policy::condition::Condition;
use crate::policy::effect::Effect;
use crate::policy::error::{Dialect, Fault, PolicyError};
use crate::policy::json::Json;
use crate::policy::kind::PolicyKind;
use crate::policy::principals::Principals;
use crate::policy::resource::Resources;
use crate::policy::statement::Statement;
use crate::policy::{Policy, public};
use std::collections::HashSet;

#[cfg(test)]
mod tests;

const POLICY_ELEMENTS: &str = "Version, Id, Statement";
const STATEMENT_ELEMENTS: &str =
    "Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition";
const TEXTS: &str = "a text or an array of texts";

impl Policy {
    /// Parses and validates the policy of a bucket. (IAM User Guide, "Grammar of the IAM JSON policy language".)
    ///
    /// # Errors
    /// The first fault of the policy.
    pub fn parse(text: &str, bucket: &str) -> Result<Self, PolicyError> {
        Self::parse_as(text, PolicyKind::Bucket(bucket))
    }

    /// Parses and validates a policy of this kind. (IAM User Guide, "Grammar of the IAM JSON policy language".)
    ///
    /// # Errors
    /// The first fault of the policy.
    pub fn parse_as(text: &str, kind: PolicyKind<'_>) -> Result<Self, PolicyError> {
        let dialect = kind.dialect();
        let error = |fault| PolicyError::new(fault, dialect);
        kind.check_size(text).map_err(error)?;
        let elements = read(text, kind).map_err(error)?;
        let Document {
            variables,
            statements,
        } = Document::of(&elements).map_err(error)?;
        let statements = statements.iter().enumerate().map(|(at, statement)| {
            Statement::parse(statement, kind, variables).map_err(|fault| PolicyError {
                statement: Some(at + 1),
                ..error(fault)
            })
        });
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        if dialect != Dialect::S3 {
            check_sids(&statements).map_err(|(at, fault)| PolicyError {
                statement: Some(at + 1),
                ..error(fault)
            })?;
        }
        Ok(Self {
            public: statements.iter().any(public::is_public),
            must_allow: kind == PolicyKind::Trust,
            statements,
        })
    }
}

/// Reads the JSON of a policy: the elements of the outermost object.
pub(super) fn read(text: &str, kind: PolicyKind<'_>) -> Result<Vec<(String, Json)>, Fault> {
    // IAM allows white space before the policy, S3 does not.
    let begins = match kind {
        PolicyKind::Bucket(_) => text,
        _ => text.trim_ascii_start(),
    };
    if !begins.starts_with('{') {
        return Err(Fault::FirstByte);
    }
    match serde_json::from_str(text) {
        Ok(Json::Object(elements)) => Ok(elements),
        Ok(_) => Err(Fault::FirstByte),
        Err(error) => Err(Fault::Json(error.to_string())),
    }
}

/// The elements of a policy.
struct Document<'a> {
    /// Variables are replaced. The default version is the old one: "variables like ${aws:username} are treated as
    /// literal strings".
    variables: bool,
    statements: &'a [Json],
}

impl<'a> Document<'a> {
    fn of(elements: &'a [(String, Json)]) -> Result<Self, Fault> {
        let mut variables = false;
        let mut statements = None;
        for (name, value) in elements {
            match (name.as_str(), value) {
                ("Version", Json::Text(version)) => {
                    variables = match version.as_str() {
                        "2012-10-17" => true,
                        "2008-10-17" => false,
                        other => return Err(Fault::Version(other.to_owned())),
                    }
                }
                ("Version", _) => return Err(Fault::Version("a value other than a text".into())),
                ("Id", Json::Text(_)) => {}
                ("Id", _) => return Err(Fault::Shape("Id", "a text")),
                ("Statement", Json::Array(many)) => statements = Some(many.as_slice()),
                ("Statement", one) => statements = Some(std::slice::from_ref(one)),
                _ => return Err(Fault::UnknownField(name.clone(), POLICY_ELEMENTS)),
            }
        }
        let statements = statements.ok_or(Fault::Missing("Statement"))?;
        if statements.is_empty() {
            return Err(Fault::NoStatements);
        }
        Ok(Self {
            variables,
            statements,
        })
    }
}

/// Checks the names of statements by the rules of IAM. Errors name the position of the statement, from 0.
fn check_sids(statements: &[Statement]) -> Result<(), (usize, Fault)> {
    let mut known = HashSet::new();
    for (at, statement) in statements.iter().enumerate() {
        let Some(sid) = statement.sid.as_deref() else {
            continue;
        };
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err((at, Fault::Sid(sid.to_owned())));
        }
        if !sid.is_empty() && !known.insert(sid) {
            return Err((at, Fault::DuplicateSid(sid.to_owned())));
        }
    }
    Ok(())
}

/// The elements of a statement, by name.
#[derive(Default)]
struct Elements<'a> {
    effect: Option<&'a Json>,
    principal: Either<'a>,
    action: Either<'a>,
    resource: Either<'a>,
    condition: Option<&'a Json>,
}

/// An element or its opposite.
#[derive(Default)]
struct Either<'a> {
    plain: Option<&'a Json>,
    not: Option<&'a Json>,
}

impl<'a> Either<'a> {
    fn is_present(&self) -> bool {
        self.plain.is_some() || self.not.is_some()
    }

    /// Returns the element that is present, and whether it is the opposite.
    fn one(self, name: &'static str) -> Result<(&'a Json, bool), Fault> {
        match (self.plain, self.not) {
            (Some(_), Some(_)) => Err(Fault::Both(name)),
            (Some(element), None) => Ok((element, false)),
            (None, Some(element)) => Ok((element, true)),
            (None, None) => Err(Fault::Missing(name)),
        }
    }

    /// Returns the texts of the element, like [`one`](Self::one).
    fn texts(self, name: &'static str) -> Result<(Vec<&'a str>, bool), Fault> {
        let (element, not) = self.one(name)?;
        let texts = element.texts().ok_or(Fault::Shape(name, TEXTS))?;
        if texts.is_empty() {
            return Err(Fault::Empty(name));
        }
        Ok((texts, not))
    }
}

impl Statement {
    fn parse(statement: &Json, kind: PolicyKind<'_>, variables: bool) -> Result<Self, Fault> {
        let Json::Object(statement) = statement else {
            return Err(Fault::Shape("Statement", "an object or an array of objects"));
        };
        let mut elements = Elements::default();
        let mut sid = None;
        for (name, value) in statement {
            match name.as_str() {
                "Sid" => match value {
                    Json::Text(text) => sid = Some(text.clone()),
                    _ => return Err(Fault::Shape("Sid", "a text")),
                },
                "Effect" => elements.effect = Some(value),
                "Principal" => elements.principal.plain = Some(value),
                "NotPrincipal" => elements.principal.not = Some(value),
                "Action" => elements.action.plain = Some(value),
                "NotAction" => elements.action.not = Some(value),
                "Resource" => elements.resource.plain = Some(value),
                "NotResource" => elements.resource.not = Some(value),
                "Condition" => elements.condition = Some(value),
                _ => return Err(Fault::UnknownField(name.clone(), STATEMENT_ELEMENTS)),
            }
        }

        let effect = match elements.effect {
            None => return Err(Fault::Missing("Effect")),
            Some(Json::Text(text)) => match text.as_str() {
                "Allow" => Effect::Allow,
                "Deny" => Effect::Deny,
                _ => return Err(Fault::Effect(text.clone())),
            },
            Some(_) => return Err(Fault::Shape("Effect", "a text")),
        };
        let principals = match kind {
            PolicyKind::Bucket(_) | PolicyKind::Trust => {
                let (principals, except) = elements.principal.one("Principal")?;
                Some(Principals::parse(principals, except, effect, kind.dialect())?)
            }
            _ if elements.principal.is_present() => return Err(Fault::Prohibited("Principal")),
            _ => None,
        };
        let (actions, not_actions) = elements.action.texts("Action")?;
        let (actions, resources) = match kind {
            PolicyKind::Bucket(bucket) => {
                let (resources, except) = elements.resource.texts("Resource")?;
                let resources = Resources::of_bucket(&resources, except, bucket, variables)?;
                (
                    Actions::of_bucket(&actions, not_actions, resources.kinds())?,
                    resources,
                )
            }
            PolicyKind::Trust if elements.resource.is_present() => {
                return Err(Fault::Prohibited("Resource"));
            }
            PolicyKind::Trust => (Actions::of_trust(&actions, not_actions)?, Resources::all()),
            _ => {
                let (resources, except) = elements.resource.texts("Resource")?;
                let resources = Resources::of_identity(&resources, except, variables)?;
                (Actions::of_identity(&actions, not_actions)?, resources)
            }
        };
        let conditions = match elements.condition {
            None => Vec::new(),
            Some(element) => Condition::parse_all(element, variables)?,
        };
        Ok(Self {
            sid,
            effect,
            principals,
            actions,
            resources,
            conditions,
        })
    }
}
