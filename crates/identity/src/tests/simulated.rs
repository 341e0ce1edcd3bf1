use super::*;
use crate::model::role::Role;
use strongroom_store::PartitionId;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn principals_without_credentials_have_all_policies() {
    let house = House::new().await;
    let identities = &house.identities;
    let (ann, group, role) = (named("ann"), named("g"), named("r"));
    house.user(ROOT, "ann").await;
    house.group(ROOT, "g").await;
    house.role(ROOT, "r").await.unwrap();
    identities.add_member(ROOT, &group, &ann).await.unwrap();
    identities.attach::<Group>(ROOT, &group, FULL).await.unwrap();
    identities.attach::<Role>(ROOT, &role, FULL).await.unwrap();
    identities
        .put_inline::<User>(ROOT, &ann, named("p"), ALLOW)
        .await
        .unwrap();
    identities
        .set_boundary::<User>(ROOT, &ann, Some(READ_ONLY))
        .await
        .unwrap();
    let user = identities.principal_of_user(ROOT, &ann).await.unwrap();
    let names: Vec<_> = user.identity.iter().map(|policy| &*policy.name).collect();
    assert_eq!(names, ["user/ann/p", FULL]);
    assert_eq!(&*user.boundary.as_ref().unwrap().name, READ_ONLY);
    let session = identities
        .principal_of_role(ROOT, &role, &named("s1"))
        .await
        .unwrap();
    assert_eq!(session.identity.len(), 1);
    assert_eq!(
        session.as_policy_principal().arn().unwrap(),
        "arn:aws:sts::000000000000:assumed-role/r/s1"
    );
    assert_eq!(identities.policies_of::<User>(ROOT, &ann).await.unwrap().len(), 1);
    assert_eq!(
        identities.policies_of::<Group>(ROOT, &group).await.unwrap().len(),
        1
    );
    assert!(is_missing(&identities.principal_of_user(ROOT, &named("x")).await));
}

#[tokio::test]
async fn a_principal_without_one_of_its_policies_is_refused() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    let user = house.user(ROOT, "ann").await;
    let group = house.group(ROOT, "g").await;
    identities.add_member(ROOT, &named("g"), &ann).await.unwrap();
    identities
        .put_inline::<User>(ROOT, &ann, named("p"), ALLOW)
        .await
        .unwrap();
    for row in [crate::key::id(group.id), crate::key::inline(user.id, &named("p"))] {
        let sealed = house
            .rows
            .index()
            .get(PartitionId::IDENTITY, &row)
            .await
            .unwrap()
            .unwrap();
        let mut batch = identities.batch();
        batch.delete(row.clone());
        assert!(batch.commit().await.unwrap().is_done());
        let refused = identities.principal_of_user(ROOT, &ann).await;
        assert!(matches!(
            refused,
            Err(IdentityError::Rows(strongroom_rows::Error::Damaged(_)))
        ));
        let mut batch = identities.batch();
        batch.put_sealed(row, sealed);
        assert!(batch.commit().await.unwrap().is_done());
    }
    assert!(identities.principal_of_user(ROOT, &ann).await.is_ok());
}
