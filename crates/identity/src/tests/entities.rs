use super::*;
use crate::model::role::Role;
use strongroom_access::arn::EntityKind;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn names_differ_in_more_than_case() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = house.user(ROOT, "Ann").await;
    assert_eq!(
        identities.get::<User>(ROOT, &named("aNN")).await.unwrap().name,
        named("Ann")
    );
    let again = identities.create_user(ROOT, named("ann"), Path::default(), Tags::default(), None);
    assert_eq!(refusal(again.await), "User with name ann already exists.");
    let missing = identities.get::<User>(ROOT, &named("bob")).await;
    assert_eq!(refusal(missing), "The user with name bob cannot be found.");
    house.group(ROOT, "ann").await;
    let other = house.account("other").await;
    house.user(other.id, "ann").await;
    let found = identities.identify(ann.id).await.unwrap().unwrap();
    assert_eq!(
        (found.account, found.kind, found.name),
        (ROOT, EntityKind::User, named("Ann"))
    );
}

#[tokio::test]
async fn users_of_unknown_accounts_are_refused() {
    let house = House::new().await;
    let unknown = AccountId::parse("123456789012").unwrap();
    let created = house
        .identities
        .create_user(unknown, named("a"), Path::default(), Tags::default(), None);
    assert_eq!(
        refusal(created.await),
        "The account 123456789012 cannot be found."
    );
}

#[tokio::test]
async fn a_user_keeps_its_id_and_links_under_a_new_name() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = house.user(ROOT, "ann").await;
    house.group(ROOT, "g").await;
    identities
        .add_member(ROOT, &named("g"), &named("ann"))
        .await
        .unwrap();
    identities
        .attach::<User>(ROOT, &named("ann"), FULL)
        .await
        .unwrap();
    identities
        .set_boundary::<User>(ROOT, &named("ann"), Some(FULL))
        .await
        .unwrap();
    house.user(ROOT, "bob").await;
    let taken = identities
        .rename::<User>(ROOT, &named("ann"), Some(&named("BOB")), None)
        .await;
    assert_eq!(refusal(taken), "User with name BOB already exists.");
    let staff = Path::parse("/staff/").unwrap();
    for name in ["ANN", "eve", "Eve"] {
        let old = identities.identify(ann.id).await.unwrap().unwrap().name;
        let renamed = identities
            .rename::<User>(ROOT, &old, Some(&named(name)), Some(&staff))
            .await;
        assert_eq!(renamed.unwrap().id, ann.id);
        let members = identities.members(ROOT, &named("g"), ALL).await.unwrap();
        assert_eq!(members.entries[0].name.as_str(), name);
        assert_eq!(
            identities.identify(ann.id).await.unwrap().unwrap().name.as_str(),
            name
        );
        for usage in [
            crate::attachments::Usage::Attached,
            crate::attachments::Usage::Boundary,
        ] {
            let filter = crate::attachments::HolderFilter { kind: None, usage };
            let holders = identities.holders(ROOT, FULL, filter, ALL).await.unwrap();
            let names: Vec<_> = holders
                .entries
                .iter()
                .map(|holder| holder.name.as_str())
                .collect();
            assert_eq!(names, [name]);
        }
    }
    assert!(is_missing(&identities.get::<User>(ROOT, &named("ann")).await));
    identities
        .remove_member(ROOT, &named("g"), &named("eve"))
        .await
        .unwrap();
    identities
        .detach::<User>(ROOT, &named("eve"), FULL)
        .await
        .unwrap();
    identities.delete_user(ROOT, &named("eve")).await.unwrap();
    identities.delete_group(ROOT, &named("g")).await.unwrap();
    let filter = crate::attachments::HolderFilter {
        kind: None,
        usage: crate::attachments::Usage::Boundary,
    };
    assert!(
        identities
            .holders(ROOT, FULL, filter, ALL)
            .await
            .unwrap()
            .entries
            .is_empty()
    );
}

#[tokio::test]
async fn a_group_keeps_its_members_under_a_new_name() {
    let house = House::new().await;
    let identities = &house.identities;
    house.user(ROOT, "ann").await;
    house.group(ROOT, "g").await;
    identities
        .add_member(ROOT, &named("g"), &named("ann"))
        .await
        .unwrap();
    identities
        .rename::<Group>(ROOT, &named("g"), Some(&named("h")), None)
        .await
        .unwrap();
    let groups = identities.groups_of(ROOT, &named("ann"), ALL).await.unwrap();
    assert_eq!(groups.entries[0].name, named("h"));
    assert_eq!(
        identities
            .members(ROOT, &named("h"), ALL)
            .await
            .unwrap()
            .entries
            .len(),
        1
    );
}

#[tokio::test]
async fn entities_with_subordinates_are_kept() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    house.user(ROOT, "ann").await;
    house.group(ROOT, "g").await;
    identities.add_member(ROOT, &named("g"), &ann).await.unwrap();
    let message = "Cannot delete entity, must remove users from group first.";
    assert_eq!(refusal(identities.delete_group(ROOT, &named("g")).await), message);
    assert_eq!(refusal(identities.delete_user(ROOT, &ann).await), message);
    identities.remove_member(ROOT, &named("g"), &ann).await.unwrap();
    identities.remove_member(ROOT, &named("g"), &ann).await.unwrap();
    identities.attach::<User>(ROOT, &ann, FULL).await.unwrap();
    let message = "Cannot delete entity, must detach all policies first.";
    assert_eq!(refusal(identities.delete_user(ROOT, &ann).await), message);
    identities.detach::<User>(ROOT, &ann, FULL).await.unwrap();
    identities
        .put_inline::<User>(ROOT, &ann, named("p"), ALLOW)
        .await
        .unwrap();
    let message = "Cannot delete entity, must delete policies first.";
    assert_eq!(refusal(identities.delete_user(ROOT, &ann).await), message);
    identities
        .delete_inline::<User>(ROOT, &ann, &named("p"))
        .await
        .unwrap();
    let key = identities
        .create_access_key(ROOT, crate::access_keys::Owner::User(&ann))
        .await
        .unwrap();
    let message = "Cannot delete entity, must delete access keys first.";
    assert_eq!(refusal(identities.delete_user(ROOT, &ann).await), message);
    let owner = crate::access_keys::Owner::User(&ann);
    identities
        .delete_access_key(ROOT, owner, &key.key.id)
        .await
        .unwrap();
    identities.delete_user(ROOT, &ann).await.unwrap();
    identities.delete_group(ROOT, &named("g")).await.unwrap();
    assert_eq!(
        identities.account(ROOT).await.unwrap().usage,
        crate::model::account::Usage::default()
    );
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let house = House::new().await;
    house.user(ROOT, "ann").await;
    for number in 0..11 {
        let group = format!("g{number}");
        house.group(ROOT, &group).await;
        let added = house
            .identities
            .add_member(ROOT, &named(&group), &named("ann"))
            .await;
        match number {
            10 => assert_eq!(refusal(added), "Cannot exceed quota for GroupsPerUser: 10"),
            _ => added.unwrap(),
        }
    }
    let part = Part {
        limit: 4,
        after: "g3",
        ..ALL
    };
    let page = house
        .identities
        .groups_of(ROOT, &named("ann"), part)
        .await
        .unwrap();
    let names: Vec<_> = page.entries.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(
        (names, page.next.as_deref()),
        (vec!["g4", "g5", "g6", "g7"], Some("g7"))
    );
}

#[tokio::test]
async fn lists_are_in_the_order_of_names_and_by_path() {
    let house = House::new().await;
    let identities = &house.identities;
    for (name, path) in [
        ("b", "/x/"),
        ("A", "/"),
        ("c", "/x/y/"),
        ("D", "/z/"),
        ("e", "/x/"),
    ] {
        let path = Path::parse(path).unwrap();
        identities
            .create_user(ROOT, named(name), path, Tags::default(), None)
            .await
            .unwrap();
    }
    let other = house.account("other").await;
    house.user(other.id, "f").await;
    let names = async |part| {
        let page = identities.list::<User>(ROOT, part).await.unwrap();
        let names: Vec<_> = page.entries.iter().map(|user| user.name.to_string()).collect();
        (names.concat(), page.next)
    };
    assert_eq!(names(ALL).await, ("AbcDe".to_owned(), None));
    assert_eq!(names(Part { limit: 5, ..ALL }).await.1, None);
    assert_eq!(
        names(Part { limit: 2, ..ALL }).await,
        ("Ab".to_owned(), Some("b".to_owned()))
    );
    let rest = Part {
        limit: 3,
        after: "b",
        ..ALL
    };
    assert_eq!(names(rest).await, ("cDe".to_owned(), None));
    let of_path = Part {
        path_prefix: "/x/",
        limit: 2,
        after: "",
    };
    assert_eq!(names(of_path).await, ("bc".to_owned(), Some("c".to_owned())));
    assert_eq!(
        names(Part {
            after: "c",
            ..of_path
        })
        .await,
        ("e".to_owned(), None)
    );
}

#[tokio::test]
async fn roles_have_a_trust_policy_and_a_longest_session() {
    let house = House::new().await;
    let identities = &house.identities;
    let role = house.role(ROOT, "r").await.unwrap();
    assert_eq!(role.max_session, 3600);
    for max_session in [3599, 43_201] {
        let new = NewRole {
            max_session: Some(max_session),
            ..new_role("s")
        };
        assert!(matches!(
            identities.create_role(ROOT, new).await,
            Err(IdentityError::InvalidInput(_))
        ));
    }
    let without_principal = NewRole {
        trust: ALLOW.to_owned(),
        ..new_role("s")
    };
    let refused = identities.create_role(ROOT, without_principal).await;
    assert!(matches!(refused, Err(IdentityError::MalformedPolicyDocument(_))));
    identities
        .update_role(ROOT, &named("r"), Some("text"), Some(7200))
        .await
        .unwrap();
    identities.revoke_sessions(ROOT, &named("r")).await.unwrap();
    let role = identities.get::<Role>(ROOT, &named("r")).await.unwrap();
    assert_eq!(
        (role.description.as_deref(), role.max_session),
        (Some("text"), 7200)
    );
    assert_eq!(role.revoked_before, 1_000_000_000);
    assert!(identities.set_trust(ROOT, &named("r"), "{}").await.is_err());
    identities.set_trust(ROOT, &named("r"), TRUST).await.unwrap();
    let tags = Tags::new([("a".to_owned(), "b".to_owned())]).unwrap();
    identities.tag::<Role>(ROOT, &named("r"), &tags).await.unwrap();
    assert_eq!(
        identities.get::<Role>(ROOT, &named("r")).await.unwrap().tags,
        tags
    );
    identities
        .untag::<Role>(ROOT, &named("r"), &["A".to_owned()])
        .await
        .unwrap();
    assert!(
        identities
            .get::<Role>(ROOT, &named("r"))
            .await
            .unwrap()
            .tags
            .is_empty()
    );
    identities.delete_role(ROOT, &named("r")).await.unwrap();
    assert!(identities.identify(role.id).await.unwrap().is_none());
}
