//! Parser of policies.

use crate::policy::action::Actions;
use crate::policy::condition::Condition;
use crate::policy::effect::Effect;
use crate::policy::error::{Fault, PolicyError};
use crate::policy::json::Json;
use crate::policy::principal::Principals;
use crate::policy::resource::Resources;
use crate::policy::statement::Statement;
use crate::policy::{Policy, public};

#[cfg(test)]
mod tests;

const POLICY_ELEMENTS: &str = "Version, Id, Statement";
const STATEMENT_ELEMENTS: &str =
    "Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition";
const TEXTS: &str = "a text or an array of texts";

impl Policy {
    /// Parses and validates the policy of a bucket. (IAM User Guide, "Grammar of the IAM JSON policy language".)
    pub fn parse(text: &str, bucket: &str) -> Result<Self, PolicyError> {
        if text.len() > Self::MAX_LEN {
            return Err(Fault::TooLong(text.len()).into());
        }
        if !text.starts_with('{') {
            return Err(Fault::FirstByte.into());
        }
        let document = serde_json::from_str(text).map_err(|error| Fault::Json(error.to_string()))?;
        let Json::Object(elements) = document else {
            return Err(Fault::FirstByte.into());
        };

        // The default version is the old one: "variables like ${aws:username} are treated as literal strings".
        let mut variables = false;
        let mut statements = None;
        for (name, value) in &elements {
            match (name.as_str(), value) {
                ("Version", Json::Text(version)) => {
                    variables = match version.as_str() {
                        "2012-10-17" => true,
                        "2008-10-17" => false,
                        other => return Err(Fault::Version(other.to_owned()).into()),
                    }
                }
                ("Version", _) => return Err(Fault::Version("a value other than a text".into()).into()),
                ("Id", Json::Text(_)) => {}
                ("Id", _) => return Err(Fault::Shape("Id", "a text").into()),
                ("Statement", Json::Array(many)) => statements = Some(many.as_slice()),
                ("Statement", one) => statements = Some(std::slice::from_ref(one)),
                _ => return Err(Fault::UnknownField(name.clone(), POLICY_ELEMENTS).into()),
            }
        }
        let statements = statements.ok_or(Fault::Missing("Statement"))?;
        if statements.is_empty() {
            return Err(Fault::NoStatements.into());
        }
        let statements = statements.iter().enumerate().map(|(at, statement)| {
            Statement::parse(statement, bucket, variables).map_err(|fault| PolicyError {
                fault,
                statement: Some(at + 1),
            })
        });
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            public: statements.iter().any(public::is_public),
            statements,
        })
    }
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
    fn parse(statement: &Json, bucket: &str, variables: bool) -> Result<Self, Fault> {
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
        let (principals, except) = elements.principal.one("Principal")?;
        let principals = Principals::parse(principals, except, effect)?;
        let (actions, not_actions) = elements.action.texts("Action")?;
        let (resources, except) = elements.resource.texts("Resource")?;
        let resources = Resources::parse(&resources, except, bucket, variables)?;
        let actions = Actions::parse(&actions, not_actions, resources.kinds())?;
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
