//! Many accounts. Run by `cargo test -p strongroom-identity --release -- --ignored --nocapture scale`.

use super::*;
use crate::access_keys::Owner;
use crate::principal::KeyAnswer;
use std::time::Instant;
use strongroom_store::LocalSettings;
use strongroom_store::conformance::FixedAuthenticator;

const ACCOUNTS: usize = 10_000;
const USERS: usize = 10;
const AT_ONCE: usize = 64;

async fn fill(house: &House) -> String {
    let mut last = String::new();
    let numbers: Vec<_> = (0..ACCOUNTS).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let mut filling = tokio::task::JoinSet::new();
        for number in numbers {
            let (identities, number) = (house.identities.clone(), *number);
            filling.spawn(async move {
                let account = identities
                    .create_account(&format!("account {number}"), None)
                    .await
                    .unwrap();
                for user in 0..USERS {
                    let name = named(&format!("user{user}"));
                    let created =
                        identities.create_user(account.id, name, Path::default(), Tags::default(), None);
                    created.await.unwrap();
                }
                let name = named("user3");
                identities
                    .attach::<User>(account.id, &name, READ_ONLY)
                    .await
                    .unwrap();
                let key = identities
                    .create_access_key(account.id, Owner::User(&name))
                    .await
                    .unwrap();
                key.key.id
            });
        }
        last = filling.join_all().await.pop().unwrap();
    }
    last
}

async fn measure(what: &str, house: &House) {
    let started = Instant::now();
    let key = fill(house).await;
    println!("{what}: filled in {:?}", started.elapsed());
    let started = Instant::now();
    let identities = house.reopened().await;
    let opened = started.elapsed();
    println!("{what}: opened in {opened:?}");
    assert!(opened.as_secs() < 1);
    let started = Instant::now();
    let (mut after, mut accounts, mut users) = (String::new(), 0, 0);
    loop {
        let page = identities.accounts(&after, 100).await.unwrap();
        accounts += page.entries.len();
        for account in page.entries {
            users += identities
                .list::<User>(account.id, ALL)
                .await
                .unwrap()
                .entries
                .len();
        }
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    println!(
        "{what}: listed {accounts} accounts and {users} users in {:?}",
        started.elapsed()
    );
    assert_eq!((accounts, users), (ACCOUNTS + 1, ACCOUNTS * USERS));
    let started = Instant::now();
    assert!(matches!(
        identities.by_access_key(&key).await.unwrap(),
        KeyAnswer::Active(_)
    ));
    println!("{what}: first request with a key in {:?}", started.elapsed());
    let started = Instant::now();
    for _ in 0..1_000_000 {
        assert!(matches!(
            identities.by_access_key(&key).await.unwrap(),
            KeyAnswer::Active(_)
        ));
    }
    println!(
        "{what}: warm request with a key in {:?}",
        started.elapsed() / 1_000_000
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "creates 10,000 accounts: run it alone, with --release --nocapture"]
async fn ten_thousand_accounts_in_memory() {
    measure("memory", &House::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "creates 10,000 accounts: run it alone, with --release --nocapture"]
async fn ten_thousand_accounts_on_a_disk() {
    let directory = tempfile::tempdir().unwrap();
    let prepared = Store::prepare(directory.path().join("data"), LocalSettings::default())
        .await
        .unwrap();
    let authenticator = Arc::new(FixedAuthenticator::new(1));
    let store = prepared.recover(authenticator).await.unwrap();
    measure("disk", &House::on(store.index).await).await;
}
