use super::*;
use crate::keyring::change::Changed;
use proptest::prelude::*;
use strongroom_seal::SystemRandom;

const NOW: time::OffsetDateTime = time::macros::datetime!(2026-02-03 04:05:06 UTC);

struct Setting {
    folder: tempfile::TempDir,
    keyring: Arc<Keyring>,
    random: SystemRandom,
    kms: BuiltInKms,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::default();
        let keyring = Keyring::create(&folder.path().join("keyring.toml"), &random).unwrap();
        let keyring = Arc::new(keyring);
        let kms = BuiltInKms::new(Arc::clone(&keyring), Arc::new(SystemRandom::default()));
        Self {
            folder,
            keyring,
            random,
            kms,
        }
    }

    fn add(&self, label: &str) -> String {
        match self.keyring.add_named(label, NOW, &self.random).unwrap() {
            Changed::Named { id, .. } => id,
            Changed::Master { .. } => panic!("a named key expected"),
        }
    }

    fn default_id(&self) -> String {
        self.keyring.list().unwrap().kms[0].id.clone()
    }
}

fn context(pairs: &[(&str, &str)]) -> Context {
    let owned = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

#[tokio::test]
async fn a_generated_key_is_opened_in_its_context_alone() {
    let setting = Setting::new();
    let here = context(&[("aws:s3:arn", "arn:aws:s3:::bucket/key")]);
    let made = setting.kms.generate("default", &here).await.unwrap();
    assert_eq!(made.wrapped[..2], [1, 21]);
    let opened = setting.kms.unwrap("default", &made.wrapped, &here).await.unwrap();
    assert_eq!(opened.expose(), made.key.expose());
    for other in [
        context(&[]),
        context(&[("aws:s3:arn", "arn:aws:s3:::bucket/kez")]),
        context(&[("aws:s3:arm", "arn:aws:s3:::bucket/key")]),
        context(&[("aws:s3:arn", "arn:aws:s3:::bucket/key"), ("a", "b")]),
    ] {
        let refused = setting.kms.unwrap("default", &made.wrapped, &other).await.err();
        assert_eq!(refused, Some(KmsError::Refused("default".to_owned())));
    }
}

#[tokio::test]
async fn a_key_is_found_by_id_label_alias_and_arn() {
    let setting = Setting::new();
    let id = setting.add("payroll");
    for name in [
        id.clone(),
        "payroll".to_owned(),
        "alias/payroll".to_owned(),
        format!("arn:aws:kms:us-east-1:000000000000:key/{id}"),
        "arn:aws:kms:eu-central-1:123456789012:alias/payroll".to_owned(),
    ] {
        assert_eq!(setting.kms.describe(&name).await.unwrap().id, id, "{name}");
    }
    for name in [
        "",
        "nobody",
        "alias/nobody",
        "alias/",
        "arn:",
        "key/payroll",
        "arn:aws:kms:us-east-1:000000000000:key/payroll",
        "arn:aws:kms:us-east-1:000000000000:payroll",
        &format!("alias/{id}"),
        &format!("arn:aws:kms:us-east-1:000000000000:alias/{id}"),
        &id.to_uppercase(),
    ] {
        let error = setting.kms.describe(name).await.unwrap_err();
        assert_eq!(error, KmsError::NotFound(name.to_owned()));
    }
}

#[tokio::test]
async fn a_disabled_key_is_described_but_not_usable() {
    let setting = Setting::new();
    let none = Context::new();
    let made = setting.kms.generate("default", &none).await.unwrap();
    setting.keyring.retire("default", &setting.random).unwrap();
    let described = setting.kms.describe("default").await.unwrap();
    assert_eq!(
        (described.id, described.state),
        (setting.default_id(), KeyState::Disabled)
    );
    let disabled = Some(KmsError::Disabled("default".to_owned()));
    assert_eq!(setting.kms.generate("default", &none).await.err(), disabled);
    assert_eq!(
        setting.kms.wrap("default", &made.key, &none).await.err(),
        disabled
    );
    assert_eq!(
        setting.kms.unwrap("default", &made.wrapped, &none).await.err(),
        disabled
    );
    setting.keyring.revive("default", &setting.random).unwrap();
    setting.kms.unwrap("default", &made.wrapped, &none).await.unwrap();
}

#[tokio::test]
async fn keys_wrapped_by_another_version_open_and_those_of_another_key_do_not() {
    let setting = Setting::new();
    let (none, id) = (Context::new(), setting.default_id());
    let other = setting.add("other");
    let made = setting.kms.generate("default", &none).await.unwrap();
    setting
        .keyring
        .roll_named("default", NOW, &setting.random)
        .unwrap();
    setting
        .keyring
        .rename("default", "renamed", &setting.random)
        .unwrap();
    let newer = setting.kms.wrap(&id, &made.key, &none).await.unwrap();
    let by = |wrapped: &[u8]| Envelope::from_bytes(wrapped).unwrap().outer_id().to_owned();
    assert_eq!(
        (by(&made.wrapped), by(&newer)),
        (format!("{id}/1"), format!("{id}/2"))
    );
    let version = |wrapped: &[u8]| setting.kms.version_of(wrapped);
    assert_eq!(version(&made.wrapped).as_deref(), Some("1"));
    assert_eq!(version(&newer).as_deref(), Some("2"));
    assert_eq!(version(b"else"), None);
    for wrapped in [&made.wrapped, &newer] {
        let opened = setting.kms.unwrap(&id, wrapped, &none).await.unwrap();
        assert_eq!(opened.expose(), made.key.expose());
        let refused = setting.kms.unwrap(&other, wrapped, &none).await.err();
        assert_eq!(refused, Some(KmsError::Refused(other.clone())));
    }
    assert_eq!(
        setting.kms.describe("default").await.err(),
        Some(KmsError::NotFound("default".to_owned()))
    );
}

#[tokio::test]
async fn an_envelope_of_a_missing_version_is_reported_as_such() {
    let setting = Setting::new();
    let none = Context::new();
    let folder = setting.folder.path();
    std::fs::copy(folder.join("keyring.toml"), folder.join("older.toml")).unwrap();
    setting
        .keyring
        .roll_named("default", NOW, &setting.random)
        .unwrap();
    let wrapped = setting.kms.generate("default", &none).await.unwrap().wrapped;
    let older = Arc::new(Keyring::read(&folder.join("older.toml")).unwrap());
    let kms = BuiltInKms::new(older, Arc::new(SystemRandom::default()));
    let refused = kms.unwrap("default", &wrapped, &none).await.err();
    assert_eq!(refused, Some(KmsError::InvalidState("default".to_owned())));
}

#[tokio::test]
async fn every_changed_bit_and_every_cut_is_refused() {
    let setting = Setting::new();
    let none = Context::new();
    let wrapped = setting.kms.generate("default", &none).await.unwrap().wrapped;
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = setting.kms.unwrap("default", &changed, &none).await.err();
        // An envelope that names an unknown version looks like an older keyring.
        assert!(
            matches!(refused, Some(KmsError::Refused(_) | KmsError::InvalidState(_))),
            "bit {bit}: {refused:?}"
        );
    }
    for length in 0..wrapped.len() {
        assert!(
            setting
                .kms
                .unwrap("default", &wrapped[..length], &none)
                .await
                .is_err()
        );
    }
}

/// An envelope for another purpose under the same outer key is not accepted as a wrapped key.
#[tokio::test]
async fn an_envelope_of_another_mode_is_refused() {
    let setting = Setting::new();
    let snapshot = setting.keyring.snapshot();
    let named = &snapshot.content.named[0];
    let by = version_name(&named.id, 1);
    let inner = OuterKey::generate(&setting.random).unwrap();
    let envelope = Envelope::wrap::<OuterKey>(
        &named.versions[0].key,
        &by,
        &inner,
        Mode::Kms,
        Place::STORE,
        &setting.random,
    );
    let refused = setting
        .kms
        .unwrap(&named.id, envelope.unwrap().as_bytes(), &Context::new())
        .await;
    assert!(matches!(refused, Err(KmsError::Refused(_))));
}

#[test]
fn the_form_of_a_context_is_the_documented_one() {
    assert_eq!(text(&Context::new()), "");
    let pairs = context(&[("zoë", ""), ("a", "1:b")]);
    assert_eq!(text(&pairs), "1:a3:1:b4:zoë0:");
}

proptest! {
    /// Different contexts have different texts.
    #[test]
    fn no_two_contexts_have_the_same_form(
        one in prop::collection::btree_map("[0-9:a]{0,4}", "[0-9:a]{0,4}", 0..4),
        two in prop::collection::btree_map("[0-9:a]{0,4}", "[0-9:a]{0,4}", 0..4),
    ) {
        prop_assert_eq!(text(&one) == text(&two), one == two);
    }
}
