use super::*;
use crate::login::PasswordAnswer;
use crate::model::console_session::{ConsoleSession, Proof};
use zeroize::Zeroizing;

const ROOT: AccountId = AccountId::ROOT;
const RIGHT: PasswordAnswer = PasswordAnswer::Right {
    reset_required: false,
};

fn password(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

#[tokio::test]
async fn a_password_is_checked_and_changed() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    house.user(ROOT, "ann").await;
    let check = async |name: &str, text: &str| {
        identities
            .check_password(ROOT, &named(name), password(text))
            .await
            .unwrap()
    };
    assert_eq!(check("ann", "correct horse").await, PasswordAnswer::Wrong);
    assert_eq!(check("nobody", "correct horse").await, PasswordAnswer::Wrong);
    identities
        .create_login(ROOT, &ann, password("correct horse"), true)
        .await
        .unwrap();
    assert_eq!(
        check("ann", "correct horse").await,
        PasswordAnswer::Right { reset_required: true }
    );
    assert_eq!(check("ann", "correct horsf").await, PasswordAnswer::Wrong);
    let again = identities
        .create_login(ROOT, &ann, password("correct horse"), true)
        .await;
    assert_eq!(refusal(again), "Login Profile for user ann already exists.");
    identities
        .update_login(ROOT, &ann, Some(password("battery staple")), Some(false))
        .await
        .unwrap();
    assert_eq!(check("ann", "correct horse").await, PasswordAnswer::Wrong);
    assert_eq!(check("ann", "battery staple").await, RIGHT);
    let message = "Cannot delete entity, must delete login profile first.";
    assert_eq!(refusal(identities.delete_user(ROOT, &ann).await), message);
    identities.delete_login(ROOT, &ann).await.unwrap();
    let message = "Login Profile for User ann cannot be found.";
    assert_eq!(refusal(identities.delete_login(ROOT, &ann).await), message);
    assert_eq!(
        refusal(identities.update_login(ROOT, &ann, None, Some(true)).await),
        message
    );
    identities.delete_user(ROOT, &ann).await.unwrap();
}

#[tokio::test]
async fn passwords_have_eight_characters_or_more() {
    let house = House::new().await;
    house.user(ROOT, "ann").await;
    for text in ["", "1234567", &"a".repeat(129)] {
        let created = house
            .identities
            .create_login(ROOT, &named("ann"), password(text), false)
            .await;
        assert!(matches!(
            created,
            Err(IdentityError::PasswordPolicyViolation { .. })
        ));
    }
}

#[tokio::test]
async fn a_session_of_the_console_ends_with_its_password() {
    let house = House::new().await;
    let identities = &house.identities;
    house.user(ROOT, "ann").await;
    assert_eq!(
        identities.proof_by_password(ROOT, &named("ann")).await.unwrap(),
        None
    );
    assert_eq!(
        identities.proof_by_password(ROOT, &named("bob")).await.unwrap(),
        None
    );
    identities
        .create_login(ROOT, &named("ann"), password("correct horse"), false)
        .await
        .unwrap();
    let proof = identities.proof_by_password(ROOT, &named("ann")).await.unwrap();
    let Some(Proof::Password { user, salt }) = proof.clone() else {
        panic!("{proof:?}");
    };
    let principal = async || {
        identities
            .principal_by_password(ROOT, user.id(), salt)
            .await
            .unwrap()
    };
    assert!(principal().await.is_some());
    // A new password, even the same one, has another salt.
    identities
        .update_login(ROOT, &named("ann"), Some(password("correct horse")), None)
        .await
        .unwrap();
    assert!(principal().await.is_none());
}

#[tokio::test]
async fn sessions_of_the_console_are_rows() {
    let house = House::new().await;
    let identities = &house.identities;
    let session = |key: &str| ConsoleSession {
        account: ROOT,
        proof: Proof::AccessKey(key.to_owned()),
        began: 1,
        address: "127.0.0.1".to_owned(),
        agent: "browser".to_owned(),
        epoch: identities.epoch(),
    };
    for number in 0..3 {
        let (digest, session) = ([number; 32], session("SRA"));
        identities.add_console_session(&digest, &session).await.unwrap();
    }
    identities
        .delete_console_sessions(&[[1; 32], [9; 32]])
        .await
        .unwrap();
    let left = identities.console_sessions().await.unwrap();
    assert_eq!(left, [([0; 32], session("SRA")), ([2; 32], session("SRA"))]);
}
