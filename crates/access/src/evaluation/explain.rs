//! Explanations of verdicts.

use crate::evaluation::decide::evaluate;
use crate::evaluation::layers::Layer;
use crate::evaluation::policies::{CallerPolicies, Resource};
use crate::evaluation::verdict::Verdict;
use crate::policy::{Effect, Mismatch, Request, StatementName};
use std::sync::Arc;

/// A verdict, and everything that it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The verdict.
    pub verdict: Verdict,
    /// All statements of all policies that apply to the caller, in order.
    pub statements: Vec<Outcome>,
    /// Condition keys that the policies test and the request does not have, as first written, each once.
    pub missing_keys: Vec<String>,
}

/// Outcome of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Layer of the policy.
    pub layer: Layer,
    /// Name of the policy: see [`NamedPolicy`](crate::evaluation::NamedPolicy).
    pub policy: Arc<str>,
    /// The statement.
    pub statement: StatementName,
    /// Effect of the statement.
    pub effect: Effect,
    /// The first element because of which the statement does not apply. `None`: it applies.
    pub mismatch: Option<Mismatch>,
}

impl Explanation {
    /// Returns the statements that apply to the request.
    pub fn matched(&self) -> impl Iterator<Item = &Outcome> {
        self.statements
            .iter()
            .filter(|outcome| outcome.mismatch.is_none())
    }
}

/// Decides the request like [`evaluate`], and says for each statement whether it applies, or which element does not match.
pub fn explain(caller: &CallerPolicies<'_>, resource: &Resource<'_>, request: &Request<'_>) -> Explanation {
    let mut explanation = Explanation {
        verdict: evaluate(caller, resource, request),
        statements: Vec::new(),
        missing_keys: Vec::new(),
    };
    for (layer, policy) in caller.of(&request.principal).layers(resource) {
        let outcomes = policy.policy.matches(request);
        explanation
            .statements
            .extend(outcomes.map(|(statement, effect, mismatch)| Outcome {
                layer,
                policy: Arc::clone(&policy.name),
                statement,
                effect,
                mismatch,
            }));
        for key in policy.policy.condition_keys() {
            let missing = &mut explanation.missing_keys;
            if !request.conditions.has(key) && !missing.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                missing.push(key.to_owned());
            }
        }
    }
    explanation
}
