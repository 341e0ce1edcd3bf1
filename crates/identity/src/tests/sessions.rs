use super::*;
use crate::model::account::AccountStatus;
use crate::model::role::Role;
use crate::principal::{PrincipalKind, SigningKey};
use crate::session_tokens::SessionError;
use crate::sessions::{IssuedSession, NewSession, SessionOwner, is_session_key};
use strongroom_access::arn::EntityId;

const ROOT: AccountId = AccountId::ROOT;
const HOUR: u64 = 3_600_000_000;

fn of(owner: SessionOwner) -> NewSession {
    NewSession {
        account: ROOT,
        owner,
        name: "s1".to_owned(),
        seconds: 3600,
        policy: None,
        managed: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        provider: None,
        claims: Vec::new(),
        mfa: false,
    }
}

fn of_role(id: EntityId) -> NewSession {
    of(SessionOwner::Entity(id))
}

async fn open(house: &House, issued: &IssuedSession) -> Result<SigningKey, SessionError> {
    house
        .identities
        .open_session(&issued.token, &issued.access_key_id)
        .await
}

#[tokio::test]
async fn a_session_of_a_role_has_its_policies_and_limits() {
    let house = House::new().await;
    let role = house.role(ROOT, "r").await.unwrap();
    house
        .identities
        .attach::<Role>(ROOT, &named("r"), FULL)
        .await
        .unwrap();
    let new = NewSession {
        policy: Some(ALLOW.to_owned()),
        managed: vec![READ_ONLY.to_owned()],
        tags: Tags::new([("team".to_owned(), "blue".to_owned())]).unwrap(),
        transitive: vec!["team".to_owned()],
        source_identity: Some("ann".to_owned()),
        mfa: true,
        ..of_role(role.id)
    };
    let issued = house.identities.issue_session(new).await.unwrap();
    assert!(is_session_key(&issued.access_key_id) && issued.access_key_id.len() == 20);
    assert!(issued.token.len() < 1500, "{}", issued.token.len());
    let key = open(&house, &issued).await.unwrap();
    assert_eq!(key.secret().expose(), issued.secret.expose());
    let principal = key.principal();
    let session = principal.session.as_ref().unwrap();
    assert_eq!(session.expires, issued.expires);
    assert_eq!(principal.tag("TEAM"), Some("blue"));
    assert_eq!(
        (
            principal.policies().identity.len(),
            principal.policies().session.len()
        ),
        (1, 2)
    );
    assert_eq!(
        principal.as_policy_principal().arn().unwrap(),
        "arn:aws:sts::000000000000:assumed-role/r/s1"
    );
    let again = open(&house, &issued).await.unwrap();
    assert!(
        Arc::ptr_eq(principal, again.principal()),
        "a warm answer is the same"
    );
    house
        .identities
        .detach::<Role>(ROOT, &named("r"), FULL)
        .await
        .unwrap();
    let changed = open(&house, &issued).await.unwrap();
    assert!(changed.principal().identity.is_empty());
    let elsewhere = house.reopened().await;
    assert!(
        elsewhere
            .open_session(&issued.token, &issued.access_key_id)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn sessions_end() {
    let house = House::new().await;
    let identities = &house.identities;
    let role = house.role(ROOT, "r").await.unwrap();
    let first = identities.issue_session(of_role(role.id)).await.unwrap();
    open(&house, &first).await.unwrap();
    house.pass(HOUR - 1);
    open(&house, &first).await.unwrap();
    house.pass(1);
    assert!(
        matches!(open(&house, &first).await, Err(SessionError::Expired)),
        "a cached session ends too"
    );
    assert!(matches!(
        house
            .reopened()
            .await
            .open_session(&first.token, &first.access_key_id)
            .await,
        Err(SessionError::Expired)
    ));

    let second = identities.issue_session(of_role(role.id)).await.unwrap();
    open(&house, &second).await.unwrap();
    house.pass(1);
    identities.revoke_sessions(ROOT, &named("r")).await.unwrap();
    assert!(matches!(open(&house, &second).await, Err(SessionError::Revoked)));
    let third = identities.issue_session(of_role(role.id)).await.unwrap();
    open(&house, &third).await.unwrap();
    identities
        .set_account_status(ROOT, AccountStatus::Suspended)
        .await
        .unwrap();
    assert!(matches!(open(&house, &third).await, Err(SessionError::Suspended)));
    identities
        .set_account_status(ROOT, AccountStatus::Active)
        .await
        .unwrap();
    open(&house, &third).await.unwrap();
    identities.delete_role(ROOT, &named("r")).await.unwrap();
    assert!(matches!(
        open(&house, &third).await,
        Err(SessionError::OwnerDeleted)
    ));
    house.role(ROOT, "r").await.unwrap();
    assert!(
        matches!(open(&house, &third).await, Err(SessionError::OwnerDeleted)),
        "another role"
    );
}

#[tokio::test]
async fn a_new_epoch_voids_sessions() {
    let house = House::new().await;
    let issued = house
        .identities
        .issue_session(of(SessionOwner::Root))
        .await
        .unwrap();
    open(&house, &issued).await.unwrap();
    house.identities.raise_epoch().await.unwrap();
    assert!(matches!(
        open(&house, &issued).await,
        Err(SessionError::PreviousEpoch)
    ));
}

#[tokio::test]
async fn other_tokens_are_refused() {
    let house = House::new().await;
    let issued = house
        .identities
        .issue_session(of(SessionOwner::Root))
        .await
        .unwrap();
    let other = house
        .identities
        .issue_session(of(SessionOwner::Root))
        .await
        .unwrap();
    let foreign = House::new().await;
    let strange = foreign
        .identities
        .issue_session(of(SessionOwner::Root))
        .await
        .unwrap();
    open(&house, &issued).await.unwrap();
    let mut tokens = vec![
        String::new(),
        "ä".to_owned(),
        "A".repeat(20_000),
        other.token.to_string(),
    ];
    tokens.push(strange.token.to_string());
    tokens.push(format!("{}A", *issued.token));
    for at in (0..issued.token.len()).step_by(7) {
        let mut changed = issued.token.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        tokens.push(String::from_utf8(changed).unwrap());
    }
    for token in tokens {
        let opened = house.identities.open_session(&token, &issued.access_key_id).await;
        assert!(matches!(opened, Err(SessionError::Invalid)), "{token}");
    }
    for id in ["", "SR0", "SRAAAAAAAAAAAAAAAAAA", &other.access_key_id] {
        let opened = house.identities.open_session(&issued.token, id).await;
        assert!(matches!(opened, Err(SessionError::Invalid)), "{id}");
    }
}

#[tokio::test]
async fn sessions_of_users_follow_the_user() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = house.user(ROOT, "ann").await;
    let issued = identities.issue_session(of_role(ann.id)).await.unwrap();
    let key = open(&house, &issued).await.unwrap();
    assert!(matches!(key.principal().kind, PrincipalKind::User(_)));
    identities.delete_user(ROOT, &named("ann")).await.unwrap();
    assert!(matches!(
        open(&house, &issued).await,
        Err(SessionError::OwnerDeleted)
    ));
}

#[tokio::test]
async fn a_session_without_one_of_its_policies_is_void() {
    let house = House::new().await;
    let role = house.role(ROOT, "r").await.unwrap();
    let arn = house.policy(ROOT, "p").await.arn;
    let new = NewSession {
        managed: vec![arn.clone()],
        ..of_role(role.id)
    };
    let issued = house.identities.issue_session(new).await.unwrap();
    open(&house, &issued).await.unwrap();
    house.identities.delete_policy(ROOT, &arn).await.unwrap();
    assert!(matches!(
        open(&house, &issued).await,
        Err(SessionError::OwnerDeleted)
    ));
}

#[tokio::test]
async fn invalid_sessions_are_refused() {
    let house = House::new().await;
    let role = house.role(ROOT, "r").await.unwrap();
    let ann = house.user(ROOT, "ann").await;
    let group = house.group(ROOT, "g").await;
    let other = house.account("other").await;
    let tags = (0..50).map(|n| (format!("k{n}"), "v".repeat(250)));
    let missing = "arn:aws:iam::000000000000:policy/none".to_owned();
    for (new, why) in [
        (
            NewSession {
                seconds: 899,
                ..of_role(role.id)
            },
            "short",
        ),
        (
            NewSession {
                seconds: 3601,
                ..of_role(role.id)
            },
            "longer than the role allows",
        ),
        (
            NewSession {
                seconds: 129_601,
                ..of_role(ann.id)
            },
            "longer than a user's",
        ),
        (
            NewSession {
                seconds: 3601,
                ..of(SessionOwner::Root)
            },
            "longer than a root user's",
        ),
        (
            NewSession {
                policy: Some("{}".to_owned()),
                ..of_role(role.id)
            },
            "malformed policy",
        ),
        (
            NewSession {
                managed: vec![FULL.to_owned(); 11],
                ..of_role(role.id)
            },
            "many policies",
        ),
        (
            NewSession {
                managed: vec![missing],
                ..of_role(role.id)
            },
            "missing policy",
        ),
        (
            NewSession {
                tags: Tags::new(tags).unwrap(),
                ..of_role(role.id)
            },
            "large tags",
        ),
        (
            NewSession {
                account: other.id,
                ..of_role(role.id)
            },
            "another account",
        ),
        (of_role(group.id), "a group"),
    ] {
        assert!(house.identities.issue_session(new).await.is_err(), "{why}");
    }
    assert!(
        house
            .identities
            .issue_session(NewSession {
                seconds: 129_600,
                ..of_role(ann.id)
            })
            .await
            .is_ok()
    );
}
