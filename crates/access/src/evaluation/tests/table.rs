//! The rules of AWS, one row each. Titles are pages of the IAM User Guide.

use super::*;

/// Each row: the caller; what its own policies, its boundary and the policies of its session do with the request; the
/// statement of the bucket's policy, and the principal that it names; the verdict.
///
/// `ACL` stands for an access control list in place of a policy. Callers and principals whose names begin with `other-` are of another account than the bucket. A policy that is
/// `silent` allows another action. The verdict names the layers that allow, the one that does not, or the one that
/// denies.
const TABLE: &str = "
# The difference between explicit and implicit denies
user            deny    allow   allow   Allow user           denied identity
user            allow   deny    allow   Allow user           denied boundary
session         allow   allow   deny    Allow session        denied session
user            allow   allow   allow   Deny  *              denied bucket
session         allow   allow   allow   Deny  role           denied bucket
session         allow   allow   allow   Deny  account        denied bucket
other-user      allow   -       -       Deny  other-account  denied bucket
other-user      deny    -       -       Allow other-user     denied identity
anonymous       -       -       -       Deny  *              denied bucket

# AWS account root user
root            -       -       -       -     -              root
root            deny    deny    deny    -     -              root
root            -       -       -       Deny  *              denied bucket
root            -       -       -       Deny  account        denied bucket
root            -       -       -       Allow account        allowed bucket

# Policy evaluation for requests within a single account
user            -       -       -       -     -              not identity
user            silent  -       -       -     -              not identity
user            allow   -       -       -     -              allowed identity
user            -       -       -       Allow user           allowed bucket
user            -       -       -       Allow user-id        allowed bucket
user            -       -       -       Allow *              allowed bucket
user            -       -       -       Allow other-user     not identity
user            -       -       -       Allow role-id        not identity
session         -       -       -       -     -              not identity
session         allow   -       -       -     -              allowed identity
session         -       -       -       Allow role           allowed bucket
session         -       -       -       Allow role-id        allowed bucket
session         -       -       -       Allow session        allowed bucket
session         -       -       -       Allow other-role     not identity
session         -       -       -       Allow other-session  not identity
session         -       -       -       Allow user-id        not identity

# AWS JSON policy elements: Principal
user            -       -       -       Allow account        not identity
user            allow   -       -       Allow account        allowed identity
session         -       -       -       Allow account        not identity
session         allow   -       -       Allow account        allowed identity
anonymous       -       -       -       -     -              not bucket
anonymous       allow   allow   allow   -     -              not bucket
anonymous       -       -       -       Allow *              allowed bucket
anonymous       -       -       -       Allow account        not bucket

# Permissions boundaries for IAM entities
user            allow   allow   -       -     -              allowed identity boundary
user            allow   silent  -       -     -              not boundary
user            -       allow   -       -     -              not identity
user            -       silent  -       Allow user           allowed bucket
user            -       silent  -       Allow user-id        allowed bucket
user            -       silent  -       Allow *              allowed bucket
user            allow   silent  -       Allow account        not boundary
session         allow   silent  -       -     -              not boundary
session         -       silent  -       Allow role           not boundary
session         -       silent  -       Allow role-id        not boundary
session         -       allow   -       Allow role           allowed boundary bucket
session         -       silent  -       Allow session        allowed bucket
session         -       silent  -       Allow *              allowed bucket

# Policies and permissions in IAM: Session policies
session         allow   -       allow   -     -              allowed identity session
session         allow   -       silent  -     -              not session
session         -       -       allow   -     -              not identity
session         allow   allow   allow   -     -              allowed identity boundary session
session         -       -       silent  Allow role           not session
session         -       -       allow   Allow role           allowed session bucket
session         -       allow   allow   Allow role           allowed boundary session bucket
session         -       -       silent  Allow session        allowed bucket
session         -       silent  silent  Allow *              allowed bucket
session         allow   -       silent  Allow account        not session
user            -       -       silent  Allow user           not session
user            -       silent  allow   Allow user           allowed session bucket

# Cross-account policy evaluation logic
other-root      -       -       -       -     -              owner
other-root      -       -       -       Allow other-account  allowed bucket
other-root      -       -       -       Allow other-user     owner
other-root      -       -       -       Deny  other-account  denied bucket
other-user      allow   -       -       -     -              owner
other-user      allow   -       -       Allow user           owner
other-user      allow   -       -       Allow other-account  allowed identity bucket
other-user      -       -       -       Allow other-account  not identity
other-user      allow   -       -       Allow other-user     allowed identity bucket
other-user      -       -       -       Allow other-user     not identity
other-user      allow   silent  -       Allow other-user     not boundary
other-user      -       -       -       Allow *              not identity
other-user      allow   -       -       Allow *              allowed identity bucket
other-session   allow   -       -       Allow other-role     allowed identity bucket
other-session   -       -       -       Allow other-session  not identity
other-session   allow   silent  -       Allow other-session  not boundary
other-session   allow   allow   silent  Allow other-session  not session
other-session   allow   allow   allow   Allow other-session  allowed identity boundary session bucket

# How Amazon S3 authorizes a request (S3 User Guide)
anonymous       -       -       -       ACL   -              granted
root            -       -       -       ACL   -              root
user            -       -       -       ACL   -              not identity
user            allow   -       -       ACL   -              allowed identity
session         allow   silent  -       ACL   -              not boundary
other-root      -       -       -       ACL   -              granted
other-user      -       -       -       ACL   -              not identity
other-user      allow   -       -       ACL   -              granted identity
other-user      allow   allow   -       ACL   -              granted identity boundary
other-user      allow   silent  -       ACL   -              not boundary
other-user      deny    -       -       ACL   -              denied identity
";

fn written(verdict: &Verdict) -> String {
    let layer = |layer| match layer {
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::Resource => "bucket",
    };
    let layers = |by: &[Decisive]| {
        by.iter()
            .map(|by| [" ", layer(by.layer)].concat())
            .collect::<String>()
    };
    match &verdict.reason {
        Reason::Allowed(by) => format!("allowed{}", layers(by)),
        Reason::Granted(by) => format!("granted{}", layers(by)),
        Reason::Root => "root".to_owned(),
        Reason::Denied(by) => {
            assert_eq!(*by.policy, *layer(by.layer));
            format!("denied {}", layer(by.layer))
        }
        Reason::NotAllowed(missing) => format!("not {}", layer(*missing)),
        Reason::NotAllowedByOwner => "owner".to_owned(),
    }
}

#[test]
fn every_rule_has_a_row() {
    let mut page = "";
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            page = title;
            continue;
        }
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [who, identity, boundary, of_session, effect, whom, expected @ ..] = columns.as_slice() else {
            panic!("{line}");
        };
        let has = |name, does: &&str| (*does != "-").then(|| own(name, does));
        let identity = has("identity", identity);
        let boundary = has("boundary", boundary);
        let of_session = has("session", of_session);
        let policies = CallerPolicies {
            identity: identity.as_slice(),
            boundary: boundary.as_ref(),
            session: of_session.as_slice(),
        };
        let policy = ["Allow", "Deny"]
            .contains(effect)
            .then(|| bucket(effect, &named(whom)));
        let resource = Resource {
            owner: OWNER.id,
            policy: policy.as_ref(),
            granted: *effect == "ACL",
        };
        let verdict = judge_of(caller(who), &policies, &resource, "s3:GetObject", OBJECT);
        assert_eq!(written(&verdict), expected.join(" "), "{page}: {line}");
        let is_allowed = matches!(
            verdict.reason,
            Reason::Allowed(_) | Reason::Granted(_) | Reason::Root
        );
        assert_eq!(verdict.allowed, is_allowed, "{line}");
    }
}
