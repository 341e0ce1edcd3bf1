//! Every action, with each kind of caller.

use super::house::{ALLOW_ALL, Client, House};
use crate::actions::table::{ACTIONS, Action, Run};
use crate::target::Target;
use http::Request;
use std::fmt::Write as _;
use strongroom_identity::access_keys::Owner;
use strongroom_identity::model::last_use::Service;

/// Returns a value that each parameter of this name may have.
fn value(parameter: &str) -> &'static str {
    match parameter {
        "UserName" | "NewUserName" => "ann",
        "PolicyArn" => "arn:aws:iam::000000000000:policy/p",
        "PermissionsBoundary" | "PolicyArns.member.1.arn" => "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "PolicySourceArn" | "CallerArn" => "arn:aws:iam::000000000000:user/ann",
        "RoleArn" => "arn:aws:iam::000000000000:role/r",
        "Path" | "NewPath" | "PathPrefix" => "/",
        "PolicyDocument"
        | "AssumeRolePolicyDocument"
        | "Policy"
        | "PolicyInputList.member.1"
        | "PermissionsBoundaryPolicyInputList.member.1" => ALLOW_ALL,
        "ActionNames.member.1" => "s3:GetObject",
        "ResourceArns.member.1" => "arn:aws:s3:::photos/cat.jpg",
        "ResourceOwner" => "000000000000",
        "VersionId" => "v1",
        "Status" => "Active",
        "MaxItems" => "10",
        "OpenIDConnectProviderArn" => "arn:aws:iam::000000000000:oidc-provider/id.example.com",
        "Url" => "https://id.example.com",
        "ThumbprintList.member.1" => "ab12345678901234567890123456789012345678",
        "WebIdentityToken" => "a.b.c",
        "DurationSeconds" => "900",
        "MaxSessionDuration" => "3600",
        "PasswordResetRequired" | "OnlyAttached" | "SetAsDefault" => "true",
        "Scope" => "Local",
        "AssignmentStatus" => "Any",
        "EntityFilter" | "Filter.member.1" => "User",
        "PolicyUsageFilter" => "PermissionsPolicy",
        _ => "name",
    }
}

/// Writes an action with a value for each of its parameters but those that no request needs.
fn form(action: &Action) -> String {
    let version = match action.service {
        Service::Sts => "2011-06-15",
        _ => "2010-05-08",
    };
    let mut form = format!("Action={}&Version={version}", action.name);
    for parameter in action.parameters {
        if ["ResourcePolicy", "TransitiveTagKeys.member.N", "Marker"].contains(parameter) {
            continue;
        }
        let name = parameter
            .replace('N', "\0")
            .replace("member.\0", "member.1")
            .replace('\0', "N");
        write!(form, "&{name}={}", super::house::encode(value(&name))).unwrap();
    }
    form
}

/// Returns whether everybody may do this.
fn is_free(action: &Action) -> bool {
    action.target == Target::Nothing || needs_no_signature(action)
}

/// Returns whether a token takes the place of the signature.
fn needs_no_signature(action: &Action) -> bool {
    matches!(action.run, Run::ByVisitor(_))
}

async fn post(house: &House, client: &Client, action: &Action) -> super::house::Answer {
    house.post(client, action.service.name(), form(action)).await
}

#[tokio::test]
async fn users_without_a_policy_may_do_nothing() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    for action in ACTIONS.iter().filter(|action| !is_free(action)) {
        let answer = post(&house, &ann, action).await;
        answer.error(403, "AccessDenied");
    }
}

#[tokio::test]
async fn nobody_may_do_anything_without_a_signature() {
    let (house, root) = House::new().await;
    for action in ACTIONS {
        let mut request = house.signed(&root, action.service.name(), Request::post("/"), form(action));
        request.headers_mut().remove("authorization");
        let answer = house.answer(request).await;
        if needs_no_signature(action) {
            answer.error(400, "InvalidIdentityToken");
        } else {
            answer.error(403, "MissingAuthenticationToken");
        }
    }
}

#[tokio::test]
async fn expired_sessions_may_do_nothing() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let answer = house.send(&ann, "GetSessionToken", &[]).await.ok();
    let session = answer.client("GetSessionTokenResult/Credentials");
    house.pass(43_201);
    for action in ACTIONS {
        post(&house, &session, action).await.error(403, "ExpiredToken");
    }
}

#[tokio::test]
async fn suspended_accounts_may_do_nothing() {
    use strongroom_identity::model::account::AccountStatus;
    let (house, _) = House::new().await;
    let other = house.identities.create_account("other", None).await.unwrap();
    let key = house
        .identities
        .create_access_key(other.id, Owner::Root)
        .await
        .unwrap();
    let client = Client {
        id: key.key.id.clone(),
        secret: key.secret.clone(),
        token: None,
    };
    house.send(&client, "ListUsers", &[]).await.ok();
    let suspended = house
        .identities
        .set_account_status(other.id, AccountStatus::Suspended);
    suspended.await.unwrap();
    for action in ACTIONS {
        post(&house, &client, action).await.error(403, "AccessDenied");
    }
}

/// Each handler reads only parameters that its row has: the root user's request passes or fails by its values.
#[tokio::test]
async fn the_root_user_is_never_refused_for_lack_of_permission() {
    let (house, root) = House::new().await;
    for action in ACTIONS {
        let answer = post(&house, &root, action).await;
        if action.name != "AssumeRole" && answer.status != 200 {
            assert_ne!(answer.text("Error/Code"), "AccessDenied", "{}", answer.document);
            assert!(answer.status < 500, "{}", answer.document);
        }
        let bare = format!(
            "Action={}&Version={}",
            action.name,
            match action.service {
                Service::Sts => "2011-06-15",
                _ => "2010-05-08",
            }
        );
        let answer = house.post(&root, action.service.name(), bare).await;
        let message = answer.texts("Error/Message").first().cloned().unwrap_or_default();
        if let Some((_, rest)) = message.split_once("Value null at '") {
            let (name, _) = rest.split_once('\'').unwrap();
            let is_it = |known: &&str| known.split('.').next().unwrap().eq_ignore_ascii_case(name);
            assert!(action.parameters.iter().any(is_it), "{message}");
        }
    }
}
