use super::*;
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
            let filter = crate::holders::HolderFilter { kind: None, usage };
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
    let filter = crate::holders::HolderFilter {
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
