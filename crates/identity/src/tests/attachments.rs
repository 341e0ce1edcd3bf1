use super::*;
use crate::attachments::Usage;
use crate::holders::HolderFilter;
use crate::model::role::Role;
use strongroom_access::arn::EntityKind;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn ten_policies_are_attached_at_most() {
    let house = House::new().await;
    let identities = &house.identities;
    house.user(ROOT, "ann").await;
    for number in 0..11 {
        let arn = house.policy(ROOT, &format!("p{number}")).await.arn;
        let attached = identities.attach::<User>(ROOT, &named("ann"), &arn).await;
        match number {
            10 => assert_eq!(refusal(attached), "Cannot exceed quota for PoliciesPerUser: 10"),
            _ => attached.unwrap(),
        }
    }
    let again = identities
        .attach::<User>(ROOT, &named("ann"), "arn:aws:iam::000000000000:policy/P3")
        .await;
    again.unwrap();
    let policy = identities
        .policy(ROOT, "arn:aws:iam::000000000000:policy/p3")
        .await
        .unwrap();
    assert_eq!(policy.policy.attachments, 1);
    let part = Part { limit: 6, ..ALL };
    let page = identities
        .attached::<User>(ROOT, &named("ann"), part)
        .await
        .unwrap();
    assert_eq!(page.entries.len(), 6);
    let rest = Part {
        after: page.next.as_deref().unwrap(),
        ..part
    };
    let page = identities
        .attached::<User>(ROOT, &named("ann"), rest)
        .await
        .unwrap();
    assert_eq!((page.entries.len(), page.next), (4, None));
}

#[tokio::test]
async fn what_is_not_attached_is_not_detached() {
    let house = House::new().await;
    house.group(ROOT, "g").await;
    let refused = house.identities.detach::<Group>(ROOT, &named("g"), FULL).await;
    assert_eq!(refusal(refused), format!("Policy {FULL} was not found."));
    let missing = "arn:aws:iam::000000000000:policy/none";
    let refused = house.identities.attach::<Group>(ROOT, &named("g"), missing).await;
    assert_eq!(
        refusal(refused),
        format!("Policy {missing} does not exist or is not attachable.")
    );
}

#[tokio::test]
async fn the_entities_of_a_policy_are_listed_by_pages() {
    let house = House::new().await;
    let identities = &house.identities;
    let arn = house.policy(ROOT, "p").await.arn;
    for name in ["a", "B", "c"] {
        house.user(ROOT, name).await;
        house.group(ROOT, name).await;
        house.role(ROOT, name).await.unwrap();
        identities.attach::<User>(ROOT, &named(name), &arn).await.unwrap();
        identities
            .attach::<Group>(ROOT, &named(name), &arn)
            .await
            .unwrap();
        identities.attach::<Role>(ROOT, &named(name), &arn).await.unwrap();
    }
    let all = async |filter: HolderFilter, limit: usize| {
        let (mut after, mut names) = (String::new(), Vec::new());
        loop {
            let part = Part {
                path_prefix: "",
                after: &after,
                limit,
            };
            let page = identities.holders(ROOT, &arn, filter, part).await.unwrap();
            names.extend(page.entries.iter().map(|holder| holder.name.to_string()));
            match page.next {
                Some(next) => after = next,
                None => return names.concat(),
            }
        }
    };
    for limit in [1, 2, 3, 4, 9, 10] {
        let every = HolderFilter {
            kind: None,
            usage: Usage::Attached,
        };
        assert_eq!(all(every, limit).await, "aBcaBcaBc", "{limit}");
        let users = HolderFilter {
            kind: Some(EntityKind::User),
            ..every
        };
        assert_eq!(all(users, limit).await, "aBc");
        let boundaries = HolderFilter {
            usage: Usage::Boundary,
            ..every
        };
        assert_eq!(all(boundaries, limit).await, "");
    }
}

#[tokio::test]
async fn inline_policies_have_a_quota_together() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    house.user(ROOT, "ann").await;
    let text = ALLOW.replace("s3:*", &format!("s3:{}", "a".repeat(900)));
    identities
        .put_inline::<User>(ROOT, &ann, named("one"), &text)
        .await
        .unwrap();
    identities
        .put_inline::<User>(ROOT, &ann, named("Two"), &text)
        .await
        .unwrap();
    let third = identities
        .put_inline::<User>(ROOT, &ann, named("three"), &text)
        .await;
    assert_eq!(
        refusal(third),
        "Maximum policy size of 2048 bytes exceeded for user ann"
    );
    identities
        .put_inline::<User>(ROOT, &ann, named("two"), ALLOW)
        .await
        .unwrap();
    identities
        .put_inline::<User>(ROOT, &ann, named("three"), ALLOW)
        .await
        .unwrap();
    let names = identities
        .inline_names::<User>(ROOT, &ann, ALL)
        .await
        .unwrap()
        .entries;
    assert_eq!(names, ["one", "three", "two"].map(named));
    let (name, text) = identities
        .inline::<User>(ROOT, &ann, &named("TWO"))
        .await
        .unwrap();
    assert_eq!((name, text.as_str()), (named("two"), ALLOW));
    let missing = identities.inline::<User>(ROOT, &ann, &named("x")).await;
    assert_eq!(refusal(missing), "The user policy with name x cannot be found.");
    let refused = identities.put_inline::<User>(ROOT, &ann, named("x"), "{}").await;
    assert!(matches!(refused, Err(IdentityError::MalformedPolicyDocument(_))));
}

#[tokio::test]
async fn a_boundary_is_replaced_and_removed() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    let arn = house.policy(ROOT, "p").await.arn;
    let created = identities
        .create_user(ROOT, ann.clone(), Path::default(), Tags::default(), Some(&arn))
        .await;
    assert_eq!(created.unwrap().boundary.as_deref(), Some(arn.as_str()));
    let uses = async || identities.policy(ROOT, &arn).await.unwrap().policy.boundaries;
    identities
        .set_boundary::<User>(ROOT, &ann, Some(&arn))
        .await
        .unwrap();
    assert_eq!(uses().await, 1);
    identities
        .set_boundary::<User>(ROOT, &ann, Some(FULL))
        .await
        .unwrap();
    assert_eq!(uses().await, 0);
    identities.set_boundary::<User>(ROOT, &ann, None).await.unwrap();
    assert!(is_missing(
        &identities.set_boundary::<User>(ROOT, &ann, None).await
    ));
    identities
        .set_boundary::<User>(ROOT, &ann, Some(&arn))
        .await
        .unwrap();
    identities.delete_user(ROOT, &ann).await.unwrap();
    assert_eq!(uses().await, 0);
}
