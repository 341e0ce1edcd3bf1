//! Random changes of users, groups and attachments, compared with a model in memory.

use super::*;
use crate::attachments::Usage;
use crate::holders::HolderFilter;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ROOT: AccountId = AccountId::ROOT;
const USERS: [&str; 3] = ["ann", "Bob", "carl"];
const GROUPS: [&str; 2] = ["g", "H"];
const POLICIES: [&str; 2] = ["p", "Q"];

#[derive(Clone, Debug)]
enum Step {
    CreateUser(usize),
    DeleteUser(usize),
    RenameUser(usize, usize),
    CreateGroup(usize),
    DeleteGroup(usize),
    AddMember(usize, usize),
    RemoveMember(usize, usize),
    CreatePolicy(usize),
    DeletePolicy(usize),
    AttachToUser(usize, usize),
    DetachFromUser(usize, usize),
    AttachToGroup(usize, usize),
    DetachFromGroup(usize, usize),
    SetBoundary(usize, Option<usize>),
}

fn step() -> impl Strategy<Value = Step> {
    let (user, group, policy) = (0..USERS.len(), 0..GROUPS.len(), 0..POLICIES.len());
    prop_oneof![
        3 => user.clone().prop_map(Step::CreateUser),
        1 => user.clone().prop_map(Step::DeleteUser),
        1 => (user.clone(), user.clone()).prop_map(|(a, b)| Step::RenameUser(a, b)),
        2 => group.clone().prop_map(Step::CreateGroup),
        1 => group.clone().prop_map(Step::DeleteGroup),
        3 => (user.clone(), group.clone()).prop_map(|(a, b)| Step::AddMember(a, b)),
        1 => (user.clone(), group.clone()).prop_map(|(a, b)| Step::RemoveMember(a, b)),
        2 => policy.clone().prop_map(Step::CreatePolicy),
        1 => policy.clone().prop_map(Step::DeletePolicy),
        3 => (user.clone(), policy.clone()).prop_map(|(a, b)| Step::AttachToUser(a, b)),
        1 => (user.clone(), policy.clone()).prop_map(|(a, b)| Step::DetachFromUser(a, b)),
        2 => (group.clone(), policy.clone()).prop_map(|(a, b)| Step::AttachToGroup(a, b)),
        1 => (group, policy.clone()).prop_map(|(a, b)| Step::DetachFromGroup(a, b)),
        2 => (user, prop::option::of(policy)).prop_map(|(a, b)| Step::SetBoundary(a, b)),
    ]
}

/// Indices into the names above.
#[derive(Clone, Default)]
struct ModelUser {
    groups: BTreeSet<usize>,
    attached: BTreeSet<usize>,
    boundary: Option<usize>,
}

#[derive(Clone, Default)]
struct Model {
    users: BTreeMap<usize, ModelUser>,
    groups: BTreeMap<usize, BTreeSet<usize>>,
    policies: BTreeSet<usize>,
}

impl Model {
    fn is_used(&self, policy: usize) -> bool {
        self.groups.values().any(|attached| attached.contains(&policy))
            || self
                .users
                .values()
                .any(|user| user.attached.contains(&policy) || user.boundary == Some(policy))
    }

    /// Takes a step. `None`: it must be refused.
    fn take(&mut self, step: &Step) -> Option<()> {
        match *step {
            Step::CreateUser(user) if !self.users.contains_key(&user) => {
                self.users.insert(user, ModelUser::default());
            }
            Step::DeleteUser(user) => {
                let found = self.users.get(&user)?;
                if !found.groups.is_empty() || !found.attached.is_empty() {
                    return None;
                }
                self.users.remove(&user);
            }
            Step::RenameUser(from, to) => {
                if from != to && self.users.contains_key(&to) {
                    return None;
                }
                let user = self.users.remove(&from)?;
                self.users.insert(to, user);
            }
            Step::CreateGroup(group) if !self.groups.contains_key(&group) => {
                self.groups.insert(group, BTreeSet::new());
            }
            Step::DeleteGroup(group) => {
                let attached = self.groups.get(&group)?;
                if !attached.is_empty() || self.users.values().any(|user| user.groups.contains(&group)) {
                    return None;
                }
                self.groups.remove(&group);
            }
            Step::AddMember(user, group) if self.groups.contains_key(&group) => {
                self.users.get_mut(&user)?.groups.insert(group);
            }
            Step::RemoveMember(user, group) if self.groups.contains_key(&group) => {
                self.users.get_mut(&user)?.groups.remove(&group);
            }
            Step::CreatePolicy(policy) => return self.policies.insert(policy).then_some(()),
            Step::DeletePolicy(policy) => {
                if self.is_used(policy) {
                    return None;
                }
                return self.policies.remove(&policy).then_some(());
            }
            Step::AttachToUser(user, policy) if self.policies.contains(&policy) => {
                self.users.get_mut(&user)?.attached.insert(policy);
            }
            Step::DetachFromUser(user, policy) => {
                return self.users.get_mut(&user)?.attached.remove(&policy).then_some(());
            }
            Step::AttachToGroup(group, policy) if self.policies.contains(&policy) => {
                self.groups.get_mut(&group)?.insert(policy);
            }
            Step::DetachFromGroup(group, policy) => {
                return self.groups.get_mut(&group)?.remove(&policy).then_some(());
            }
            Step::SetBoundary(user, policy) => {
                let user = self.users.get_mut(&user)?;
                match policy {
                    None => return user.boundary.take().map(drop),
                    Some(policy) if self.policies.contains(&policy) => user.boundary = Some(policy),
                    Some(_) => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }
}

fn arn(policy: usize) -> String {
    format!("arn:aws:iam::000000000000:policy/{}", POLICIES[policy])
}

async fn take(identities: &Identities, step: &Step) -> Result<()> {
    let user = |at: usize| named(USERS[at]);
    let group = |at: usize| named(GROUPS[at]);
    match *step {
        Step::CreateUser(at) => {
            let created = identities.create_user(ROOT, user(at), Path::default(), Tags::default(), None);
            created.await.map(drop)
        }
        Step::DeleteUser(at) => identities.delete_user(ROOT, &user(at)).await,
        Step::RenameUser(from, to) => {
            let (old, new) = (user(from), user(to));
            let renamed = identities.rename::<User>(ROOT, &old, Some(&new), None);
            renamed.await.map(drop)
        }
        Step::CreateGroup(at) => {
            let created = identities.create_group(ROOT, group(at), Path::default());
            created.await.map(drop)
        }
        Step::DeleteGroup(at) => identities.delete_group(ROOT, &group(at)).await,
        Step::AddMember(a, b) => identities.add_member(ROOT, &group(b), &user(a)).await,
        Step::RemoveMember(a, b) => identities.remove_member(ROOT, &group(b), &user(a)).await,
        Step::CreatePolicy(at) => {
            let created = identities.create_policy(ROOT, new_policy(POLICIES[at]));
            created.await.map(drop)
        }
        Step::DeletePolicy(at) => identities.delete_policy(ROOT, &arn(at)).await,
        Step::AttachToUser(a, b) => identities.attach::<User>(ROOT, &user(a), &arn(b)).await,
        Step::DetachFromUser(a, b) => identities.detach::<User>(ROOT, &user(a), &arn(b)).await,
        Step::AttachToGroup(a, b) => identities.attach::<Group>(ROOT, &group(a), &arn(b)).await,
        Step::DetachFromGroup(a, b) => identities.detach::<Group>(ROOT, &group(a), &arn(b)).await,
        Step::SetBoundary(a, b) => {
            let boundary = b.map(arn);
            identities
                .set_boundary::<User>(ROOT, &user(a), boundary.as_deref())
                .await
        }
    }
}

/// Compares everything that can be listed, in both directions, with the model.
async fn compare(identities: &Identities, model: &Model) {
    let users = identities.list::<User>(ROOT, ALL).await.unwrap().entries;
    let names: Vec<_> = users.iter().map(|user| user.name.to_string()).collect();
    assert_eq!(names, model.users.keys().map(|at| USERS[*at]).collect::<Vec<_>>());
    for (at, user) in &model.users {
        let name = named(USERS[*at]);
        let groups = identities.groups_of(ROOT, &name, ALL).await.unwrap().entries;
        let groups: Vec<_> = groups.iter().map(|group| group.name.to_string()).collect();
        assert_eq!(
            groups,
            user.groups.iter().map(|at| GROUPS[*at]).collect::<Vec<_>>()
        );
        let attached = identities
            .attached::<User>(ROOT, &name, ALL)
            .await
            .unwrap()
            .entries;
        let attached: Vec<_> = attached.iter().map(|policy| policy.name.clone()).collect();
        assert_eq!(
            attached,
            user.attached.iter().map(|at| POLICIES[*at]).collect::<Vec<_>>()
        );
    }
    for group in model.groups.keys() {
        let members = identities
            .members(ROOT, &named(GROUPS[*group]), ALL)
            .await
            .unwrap()
            .entries;
        let members: Vec<_> = members.iter().map(|user| user.name.to_string()).collect();
        let expected = model.users.iter().filter(|(_, user)| user.groups.contains(group));
        assert_eq!(members, expected.map(|(at, _)| USERS[*at]).collect::<Vec<_>>());
        let found = identities
            .get::<Group>(ROOT, &named(GROUPS[*group]))
            .await
            .unwrap();
        assert_eq!(usize::try_from(found.members).unwrap(), members.len());
    }
    for policy in &model.policies {
        let found = identities.policy(ROOT, &arn(*policy)).await.unwrap().policy;
        let groups = model
            .groups
            .iter()
            .filter(|(_, attached)| attached.contains(policy));
        let users = model
            .users
            .iter()
            .filter(|(_, user)| user.attached.contains(policy));
        let bounded = model
            .users
            .iter()
            .filter(|(_, user)| user.boundary == Some(*policy));
        let expected: Vec<_> = groups
            .map(|(at, _)| GROUPS[*at])
            .chain(users.map(|(at, _)| USERS[*at]))
            .collect();
        let limited: Vec<_> = bounded.map(|(at, _)| USERS[*at]).collect();
        for (usage, expected, count) in [
            (Usage::Attached, expected, found.attachments),
            (Usage::Boundary, limited, found.boundaries),
        ] {
            let filter = HolderFilter { kind: None, usage };
            let holders = identities
                .holders(ROOT, &arn(*policy), filter, ALL)
                .await
                .unwrap()
                .entries;
            let names: Vec<_> = holders.iter().map(|holder| holder.name.to_string()).collect();
            assert_eq!(names, expected);
            assert_eq!(usize::try_from(count).unwrap(), expected.len());
        }
    }
    let usage = identities.account(ROOT).await.unwrap().usage;
    let counted = [usage.users, usage.groups, usage.policies].map(|count| usize::try_from(count).unwrap());
    assert_eq!(
        counted,
        [model.users.len(), model.groups.len(), model.policies.len()]
    );
}

proptest! {
    #[test]
    fn both_directions_agree_with_a_model(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let house = House::new().await;
            let mut model = Model::default();
            for step in &steps {
                let mut next = model.clone();
                let expected = next.take(step);
                let taken = take(&house.identities, step).await;
                assert_eq!(taken.is_ok(), expected.is_some(), "{step:?}: {taken:?}");
                if expected.is_some() {
                    model = next;
                }
            }
            compare(&house.identities, &model).await;
            compare(&house.reopened().await, &model).await;
        });
    }
}
