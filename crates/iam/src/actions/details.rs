//! `GetAccountAuthorizationDetails`: all entities of the account with their policies. (IAM API Reference.)

use crate::actions::roles;
use crate::call::{Call, Reply};
use crate::documents::{self, Detail, date, flag, policy_document, version_id};
use crate::error::{ApiError, Result};
use strongroom_access::arn::Name;
use strongroom_identity::model::entity::{Entity, Holder};
use strongroom_identity::model::group::Group;
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;
use strongroom_identity::page::Part;
use strongroom_identity::policies::{PolicyFilter, PolicyInfo, Scope};
use strongroom_sigv4::xml::Xml;

/// Everything that an entity has, in one page: quotas keep it far below.
const ALL: Part<'static> = Part {
    path_prefix: "",
    after: "",
    limit: 1000,
};

/// Kind of the entities in the response, in the order of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Users,
    Groups,
    Roles,
    LocalPolicies,
    AwsPolicies,
}

/// Kinds with their names in the parameter `Filter` and in markers.
const KINDS: [(&str, Kind); 5] = [
    ("User", Kind::Users),
    ("Group", Kind::Groups),
    ("Role", Kind::Roles),
    ("LocalManagedPolicy", Kind::LocalPolicies),
    ("AWSManagedPolicy", Kind::AwsPolicies),
];

/// Elements of one kind in the response.
#[derive(Default)]
struct Lists {
    users: Vec<String>,
    groups: Vec<String>,
    roles: Vec<String>,
    policies: Vec<String>,
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let part = call.parameters.part()?;
    let filter = call.parameters.list("Filter");
    if let Some(unknown) = filter
        .iter()
        .find(|name| KINDS.iter().all(|(known, _)| known != *name))
    {
        let constraint = "Member must be one of the kinds of entities";
        return Err(ApiError::value("Filter", unknown, constraint));
    }
    let (begin, mut after) = begin(part.after)?;
    let mut lists = Lists::default();
    let mut left = part.limit;
    let mut next = None;
    for (at, (name, kind)) in KINDS.iter().enumerate().skip(begin) {
        if !filter.is_empty() && !filter.contains(name) {
            continue;
        }
        if left == 0 {
            next = Some(format!("{name}/"));
            break;
        }
        let from = Part {
            after: if at == begin { after } else { "" },
            limit: left,
            ..ALL
        };
        let (count, marker) = lists.add(call, *kind, from).await?;
        left -= count.min(left);
        after = "";
        if let Some(marker) = marker {
            next = Some(format!("{name}/{marker}"));
            break;
        }
    }
    Ok(Reply::of(|xml| {
        for (element, entries) in [
            ("UserDetailList", &lists.users),
            ("GroupDetailList", &lists.groups),
            ("RoleDetailList", &lists.roles),
            ("Policies", &lists.policies),
        ] {
            xml.nest(element, |xml| {
                for entry in entries {
                    xml.escaped("member", entry);
                }
            });
        }
        flag(xml, "IsTruncated", next.is_some());
        if let Some(marker) = &next {
            xml.text("Marker", marker);
        }
    }))
}

/// Returns the position of the kind that a marker continues with, and its marker within the kind.
fn begin(marker: &str) -> Result<(usize, &str)> {
    if marker.is_empty() {
        return Ok((0, ""));
    }
    let found = marker.split_once('/').and_then(|(name, after)| {
        let at = KINDS.iter().position(|(known, _)| *known == name)?;
        Some((at, after))
    });
    found.ok_or_else(|| ApiError::validation("The Marker is not one of this listing."))
}

impl Lists {
    /// Adds entities of a kind. Returns their number, and the marker of the next ones.
    async fn add(&mut self, call: &Call<'_>, kind: Kind, part: Part<'_>) -> Result<(usize, Option<String>)> {
        let (identities, account) = (call.identities, call.account());
        match kind {
            Kind::Users => {
                let page = identities.list::<User>(account, part).await?;
                for user in &page.entries {
                    self.users.push(user_detail(call, user).await?);
                }
                Ok((page.entries.len(), page.next))
            }
            Kind::Groups => {
                let page = identities.list::<Group>(account, part).await?;
                for group in &page.entries {
                    let policies = policies::<Group>(call, &group.name, "GroupPolicyList").await?;
                    let common = Xml::elements(|xml| documents::group(xml, account, group));
                    self.groups.push(common + &policies);
                }
                Ok((page.entries.len(), page.next))
            }
            Kind::Roles => {
                let page = identities.list::<Role>(account, part).await?;
                for role in &page.entries {
                    self.roles.push(role_detail(call, role).await?);
                }
                Ok((page.entries.len(), page.next))
            }
            Kind::LocalPolicies | Kind::AwsPolicies => {
                let filter = PolicyFilter {
                    scope: if kind == Kind::LocalPolicies {
                        Scope::Local
                    } else {
                        Scope::Aws
                    },
                    only_attached: false,
                    usage: None,
                };
                let page = identities.policies(account, filter, part).await?;
                for policy in &page.entries {
                    self.policies.push(policy_detail(call, policy).await?);
                }
                Ok((page.entries.len(), page.next))
            }
        }
    }
}

async fn user_detail(call: &Call<'_>, user: &User) -> Result<String> {
    let account = call.account();
    let policies = policies::<User>(call, &user.name, "UserPolicyList").await?;
    let groups = call.identities.groups_of(account, &user.name, ALL).await?;
    let own = Xml::elements(|xml| {
        documents::user(xml, account, user, Detail::Full);
        let names = groups.entries.iter().map(|group| group.name.as_str());
        documents::texts(xml, "GroupList", names);
    });
    Ok(own + &policies)
}

async fn role_detail(call: &Call<'_>, role: &Role) -> Result<String> {
    let policies = policies::<Role>(call, &role.name, "RolePolicyList").await?;
    let last = call.identities.last_use(role.id().as_str()).await?;
    let last = last.map(|last| (last, call.caller.region.as_str()));
    let trust = roles::trust(call, role).await?;
    let own = Xml::elements(|xml| {
        documents::role(xml, call.account(), role, &trust, last, Detail::Full);
        documents::texts(xml, "InstanceProfileList", []);
    });
    Ok(own + &policies)
}

/// Writes a managed policy with the documents of all its versions, the newest first.
async fn policy_detail(call: &Call<'_>, info: &PolicyInfo) -> Result<String> {
    let mut versions = String::new();
    for version in info.policy.versions.iter().rev() {
        let document = call
            .identities
            .policy_document(call.account(), &info.arn, Some(version.number));
        let (_, document) = document.await?;
        versions += &Xml::elements(|xml| {
            xml.nest("member", |xml| {
                policy_document(xml, "Document", &document);
                xml.text("VersionId", &version_id(version.number));
                flag(xml, "IsDefaultVersion", version.number == info.policy.default);
                date(xml, "CreateDate", version.created);
            });
        });
    }
    Ok(Xml::elements(|xml| {
        documents::policy(xml, info, Detail::Full);
        xml.escaped("PolicyVersionList", &versions);
    }))
}

/// Writes the inline policies of a user, group or role, in a list of this name, and the attached ones.
async fn policies<H: Holder>(call: &Call<'_>, holder: &Name, element: &str) -> Result<String> {
    let (identities, account) = (call.identities, call.account());
    let mut inline = Vec::new();
    let names = identities.inline_names::<H>(account, holder, ALL).await?;
    for name in names.entries {
        inline.push(identities.inline::<H>(account, holder, &name).await?);
    }
    let attached = identities.attached::<H>(account, holder, ALL).await?;
    Ok(Xml::elements(|xml| {
        documents::list(xml, element, &inline, |xml, (name, document)| {
            xml.text("PolicyName", name.as_str());
            policy_document(xml, "PolicyDocument", document);
        });
        documents::list(
            xml,
            "AttachedManagedPolicies",
            &attached.entries,
            documents::attached,
        );
    }))
}
