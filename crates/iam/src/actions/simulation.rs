//! Simulations: what policies would decide. (IAM API Reference, "`SimulatePrincipalPolicy`", "`SimulateCustomPolicy`".)

use crate::actions::simulated::Simulated;
use crate::call::{Call, Reply};
use crate::documents::{self, page_end, texts};
use crate::error::{ApiError, Result};
use std::future::{Ready, ready};
use strongroom_access::evaluation::{Explanation, Layer, Reason, Resource, explain};
use strongroom_access::policy::{Effect, Request};
use strongroom_identity::page::Page;
use strongroom_sigv4::xml::Xml;

/// Maximum number of results of one request, which bounds its work.
const MAX_RESULTS: usize = 1000;

/// One action on one resource.
struct Simulation<'a> {
    action: &'a str,
    resource: &'a str,
}

pub(super) async fn principal(call: &Call<'_>) -> Result<Reply> {
    let simulated = Simulated::of_principal(call).await?;
    simulate(call, &simulated)
}

pub(super) fn custom(call: &Call<'_>) -> Ready<Result<Reply>> {
    ready(simulate_documents(call))
}

fn simulate_documents(call: &Call<'_>) -> Result<Reply> {
    if call.parameters.list("PolicyInputList").is_empty() {
        return Err(ApiError::missing("PolicyInputList"));
    }
    let simulated = Simulated::of_documents(call)?;
    simulate(call, &simulated)
}

fn simulate(call: &Call<'_>, simulated: &Simulated) -> Result<Reply> {
    let parameters = call.parameters;
    let actions = parameters.list("ActionNames");
    if actions.is_empty() {
        return Err(ApiError::missing("ActionNames"));
    }
    if let Some(action) = actions.iter().find(|action| !is_action(action)) {
        return Err(ApiError::new(
            400,
            "InvalidInput",
            format!("Invalid action name {action}."),
        ));
    }
    let mut resources = parameters.list("ResourceArns");
    if resources.is_empty() {
        resources.push("*");
    }
    let all = actions.iter().flat_map(|action| {
        let on = |resource| Simulation { action, resource };
        resources.iter().map(move |resource| on(resource))
    });
    let all: Vec<Simulation<'_>> = all.take(MAX_RESULTS + 1).collect();
    if all.len() > MAX_RESULTS {
        let text = format!("A simulation has at most {MAX_RESULTS} combinations of actions and resources.");
        return Err(ApiError::validation(text));
    }
    let part = parameters.part()?;
    let begin = match part.after {
        "" => 0,
        marker => marker
            .parse()
            .map_err(|_| ApiError::validation("The Marker is not one of this listing."))?,
    };
    let mut rest = all.into_iter().skip(begin);
    let entries: Vec<Simulation<'_>> = rest.by_ref().take(part.limit).collect();
    let next = rest.next().map(|_| (begin + entries.len()).to_string());
    let results = Page { entries, next };
    let context = context(call)?;
    Ok(Reply::of(|xml| {
        documents::list(xml, "EvaluationResults", &results.entries, |xml, simulation| {
            let explanation = evaluate(simulated, simulation, &context);
            result(xml, simulated, simulation, &explanation);
        });
        page_end(xml, &results);
    }))
}

/// Returns the condition keys of the request and their values.
fn context<'a>(call: &Call<'a>) -> Result<Vec<(&'a str, &'a str)>> {
    let parameters = call.parameters;
    let mut context = Vec::new();
    for (at, name) in parameters
        .fields("ContextEntries", "ContextKeyName")
        .into_iter()
        .enumerate()
    {
        let entry = format!("ContextEntries.member.{}", at + 1);
        let values = parameters.list(&format!("{entry}.ContextKeyValues"));
        if values.is_empty() {
            return Err(ApiError::missing("ContextKeyValues"));
        }
        parameters.require(&format!("{entry}.ContextKeyType"))?;
        context.extend(values.into_iter().map(|value| (name, value)));
    }
    Ok(context)
}

fn evaluate(simulated: &Simulated, simulation: &Simulation<'_>, context: &[(&str, &str)]) -> Explanation {
    let principal = simulated.caller.principal();
    let mut conditions = simulated.caller.conditions();
    for (name, value) in context {
        conditions.add(*name, *value);
    }
    let resource = Resource {
        owner: simulated.owner.as_str(),
        policy: simulated.resource.as_ref(),
        granted: false,
    };
    let request = Request {
        principal,
        action: simulation.action,
        resource: simulation.resource,
        conditions: &conditions,
    };
    explain(&simulated.policies(), &resource, &request)
}

fn result(xml: &mut Xml, simulated: &Simulated, simulation: &Simulation<'_>, explanation: &Explanation) {
    let decision = match (&explanation.verdict.reason, explanation.verdict.allowed) {
        (_, true) => "allowed",
        (Reason::Denied(_), _) => "explicitDeny",
        _ => "implicitDeny",
    };
    xml.text("EvalActionName", simulation.action);
    xml.text("EvalResourceName", simulation.resource);
    xml.text("EvalDecision", decision);
    let matched = explanation.matched();
    documents::list(xml, "MatchedStatements", matched, |xml, outcome| {
        xml.text("SourcePolicyId", &outcome.policy);
        xml.text("SourcePolicyType", source_type(outcome.layer, &outcome.policy));
    });
    let missing = explanation.missing_keys.iter().map(String::as_str);
    texts(xml, "MissingContextValues", missing);
    if simulated.boundary.is_some() {
        let mut of_boundary = explanation
            .matched()
            .filter(|outcome| outcome.layer == Layer::Boundary)
            .map(|outcome| outcome.effect);
        let first = of_boundary.next();
        let allows =
            first.is_some() && first != Some(Effect::Deny) && of_boundary.all(|one| one == Effect::Allow);
        xml.nest("PermissionsBoundaryDecisionDetail", |xml| {
            documents::flag(xml, "AllowedByPermissionsBoundary", allows);
        });
    }
}

/// Returns whether a text may be an action. Simulations take no wildcards.
fn is_action(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split_once(':').is_some_and(|(service, name)| {
        !service.is_empty() && !name.is_empty() && service.bytes().chain(name.bytes()).all(is_letter)
    })
}

/// Returns the word for the source of a policy.
fn source_type(layer: Layer, policy: &str) -> &'static str {
    match layer {
        Layer::Resource => "resource",
        _ if policy.starts_with("arn:aws:iam::aws:") => "aws-managed",
        _ if policy.starts_with("arn:") => "user-managed",
        _ if policy.starts_with("role/") => "role",
        _ if policy.starts_with("group/") => "group",
        _ if policy.starts_with("user/") => "user",
        _ => "none",
    }
}
