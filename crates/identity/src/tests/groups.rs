use super::*;

const ROOT: AccountId = AccountId::ROOT;

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
