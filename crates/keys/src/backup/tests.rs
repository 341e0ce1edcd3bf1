use super::*;
use crate::keyring::error::{ChangeError, KeyringError};
use crate::passphrase::PassphraseError;
use crate::root::RootSource;
use proptest::prelude::*;
use strongroom_seal::{DataKey, SystemRandom};

const NOW: OffsetDateTime = time::macros::datetime!(2026-02-03 04:05:06 UTC);
const WORDS: &str = "correct horse battery";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned().into()).unwrap()
}

/// Creates a keyring with keys of every sort and state.
fn keyring(folder: &tempfile::TempDir) -> Keyring {
    let random = SystemRandom::default();
    let keyring = Keyring::create(&folder.path().join("keyring.toml"), &random).unwrap();
    let first = keyring.current_id().unwrap();
    keyring.roll(NOW, &random).unwrap();
    keyring.retire(&first, &random).unwrap();
    keyring.add_named("payroll", NOW, &random).unwrap();
    keyring.roll_named("payroll", NOW, &random).unwrap();
    keyring.retire("payroll", &random).unwrap();
    keyring.note_store([1; 16], &random).unwrap();
    keyring.note_store([2; 16], &random).unwrap();
    keyring
}

fn export(keyring: &Keyring) -> String {
    let random = SystemRandom::default();
    keyring
        .export(
            &passphrase(WORDS),
            Some(b"envelope of the store's key"),
            NOW,
            &random,
        )
        .unwrap()
}

/// Returns the bytes of a backup with cheap argon2id parameters, so that many can be opened.
fn quick(keyring: &Keyring) -> Vec<u8> {
    let derivation = Derivation {
        memory: 64,
        passes: 1,
        lanes: 1,
        salt: [1; 16],
    };
    let snapshot = keyring.snapshot();
    seal(
        &record::encode(&snapshot.content, None).unwrap(),
        &passphrase(WORDS),
        &derivation,
        &SystemRandom::default(),
    )
    .unwrap()
}

fn error(text: &str) -> BackupError {
    Backup::check(text).err().unwrap()
}

#[tokio::test]
async fn a_restored_keyring_opens_existing_envelopes() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (keyring, random) = (keyring(&folder), SystemRandom::default());
    let inner = DataKey::generate(&random).unwrap();
    let envelope = keyring.wrap(&inner, Mode::Bucket, Place::STORE, &random).unwrap();
    let text = export(&keyring);

    let backup = Backup::open(&text, &passphrase(WORDS)).unwrap();
    assert_eq!(backup.compare(&keyring).unwrap(), Comparison::default());
    assert_eq!(backup.store(), Some([2; 16]));
    assert_eq!(backup.store_key(), Some(&b"envelope of the store's key"[..]));
    let path = elsewhere.path().join("keyring.toml");
    let root = RootSource::File(elsewhere.path().join("root.key"));
    Keyring::restore(&path, &backup, &root, &random).await.unwrap();
    let restored = Keyring::read(&path).unwrap();
    let (here, there) = (restored.list().unwrap(), keyring.list().unwrap());
    assert_eq!((&here.master, &here.kms), (&there.master, &there.kms));
    assert_ne!(here.root, there.root);
    assert_eq!(restored.snapshot().content.stores, [[1; 16], [2; 16]]);
    let again = Keyring::restore(&path, &backup, &root, &random).await;
    assert!(
        matches!(again, Err(KeyringError::Io { .. })),
        "a keyring was overwritten"
    );

    let in_memory = backup.into_keyring();
    for keyring in [&restored, &in_memory] {
        let opened: DataKey = keyring.open(&envelope, Place::STORE).unwrap();
        assert_eq!(opened.expose(), inner.expose());
    }
    assert!(matches!(
        in_memory.roll(NOW, &random),
        Err(KeyringError::ReadOnly)
    ));
}

#[test]
fn an_older_backup_is_reported_with_the_keys_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, random) = (keyring(&folder), SystemRandom::default());
    let backup = Backup::open(&export(&keyring), &passphrase(WORDS)).unwrap();
    let rolled = keyring.roll(NOW, &random).unwrap();
    keyring.roll_named("default", NOW, &random).unwrap();
    let id = keyring.list().unwrap().kms[0].id.clone();
    let comparison = backup.compare(&keyring).unwrap();
    let mut missing = vec![rolled, format!("{id}/2")];
    missing.sort();
    assert_eq!((comparison.missing, comparison.foreign), (missing, Vec::new()));

    let other = tempfile::tempdir().unwrap();
    let other = Keyring::create(&other.path().join("keyring.toml"), &random).unwrap();
    let comparison = backup.compare(&other).unwrap();
    assert_eq!((comparison.missing.len(), comparison.foreign.len()), (2, 5));
}

#[test]
fn another_passphrase_does_not_open_it_and_a_short_one_does_not_seal_it() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = keyring(&folder);
    let text = export(&keyring);
    assert!(matches!(
        Backup::open(&text, &passphrase("correct horse batterz")),
        Err(BackupError::OtherPassphrase)
    ));
    let short = keyring.export(&passphrase("short"), None, NOW, &SystemRandom::default());
    assert!(matches!(
        short,
        Err(BackupError::Passphrase(PassphraseError::Short))
    ));
}

#[test]
fn it_can_be_typed_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = export(&keyring(&folder));
    let bytes = print::read(&text).unwrap();
    let counts =
        |line: &&str| line.starts_with("Strongroom") || line.contains('=') || line.starts_with("end");
    let only_what_counts: Vec<&str> = text.lines().filter(counts).collect();
    let typed = only_what_counts.join("\r\n").to_uppercase().replace("  ", " ");
    let title = "Strongroom keyring backup, version";
    let typed = typed.replace(&title.to_uppercase(), title).replace("END", "end");
    assert_eq!(print::read(&typed).unwrap(), bytes);
    let longest = text.lines().map(str::len).max().unwrap();
    assert!(longest <= 100, "{longest} characters do not fit on paper");
}

#[test]
fn a_typing_error_is_reported_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = export(&keyring(&folder));
    let lines: Vec<&str> = text.lines().collect();
    let is_numbered = |at: &usize| {
        lines[*at]
            .trim_start()
            .starts_with(|first: char| first.is_ascii_digit())
    };
    let numbered: Vec<usize> = (0..lines.len()).filter(is_numbered).collect();
    assert!(numbered.len() > 10);
    let mut unplaced = 0;
    for (number, at) in (1..).zip(&numbered) {
        let line = lines[*at];
        for column in 6..line.len() {
            let old = line.as_bytes()[column];
            if !old.is_ascii_hexdigit() {
                continue;
            }
            let new = if old == b'0' { "1" } else { "0" };
            let mut typed = line.to_owned();
            typed.replace_range(column..=column, new);
            let mut changed = lines.clone();
            changed[*at] = &typed;
            let error = error(&changed.join("\n"));
            // The check of a line has 16 bits: one error in 65,536 gets past it, and is detected by the checksum of the
            // whole.
            unplaced += usize::from(matches!(error, BackupError::Checksum));
            assert!(
                matches!(error, BackupError::Line(told) if told == number)
                    || matches!(error, BackupError::Checksum),
                "{typed}: {error}"
            );
        }
        let mut without = lines.clone();
        without.remove(*at);
        let expected = |told: usize| told == number;
        let error = error(&without.join("\n"));
        let last = number == numbered.len();
        assert!(
            matches!(error, BackupError::Missing(told) if expected(told))
                || (last && matches!(error, BackupError::Checksum)),
            "line {number}: {error}"
        );
    }
    assert!(unplaced <= 3, "{unplaced}");
    let mut swapped = lines.clone();
    swapped.swap(numbered[0], numbered[1]);
    assert!(matches!(error(&swapped.join("\n")), BackupError::Missing(1)));
    assert!(matches!(
        error(&lines[..lines.len() - 1].join("\n")),
        BackupError::Missing(_)
    ));
    assert!(matches!(error(""), BackupError::NotABackup));
    assert!(matches!(error("version = 2"), BackupError::NotABackup));
}

#[test]
fn lines_of_two_backups_cannot_be_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = keyring(&folder);
    let (one, two) = (export(&keyring), export(&keyring));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (mut one, two) = (lines(&one), lines(&two));
    let at = one
        .iter()
        .position(|line| line.trim_start().starts_with("3  "))
        .unwrap();
    one[at].clone_from(&two[at]);
    assert!(matches!(error(&one.join("\n")), BackupError::Checksum));
}

#[test]
fn no_key_stands_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = keyring(&folder);
    let text = export(&keyring);
    let bytes = print::read(&text).unwrap();
    let snapshot = keyring.snapshot();
    for master in &snapshot.content.masters {
        let key = master.key.expose();
        assert!(!bytes.windows(32).any(|window| window == key));
    }
    assert!(!text.contains("payroll"), "a label stands in clear");
}

#[test]
fn every_changed_bit_and_every_cut_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let good = quick(&keyring(&folder));
    let words = passphrase(WORDS);
    open(&good, &words).unwrap();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 8);
        // These bytes may demand more memory than a test can spare: refused, or another key.
        if at > MEMORY_AT && at < SALT_AT {
            continue;
        }
        assert!(open(&changed, &words).is_err(), "byte {at}");
    }
    for length in 0..good.len() {
        assert!(open(&good[..length], &words).is_err(), "{length} bytes");
    }
}

#[test]
fn the_content_must_be_a_valid_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = keyring(&folder);
    let plain = record::encode(&keyring.snapshot().content, None).unwrap();
    record::decode(&plain).unwrap();
    for length in 0..plain.len() {
        assert!(record::decode(&plain[..length]).is_err(), "{length} bytes");
    }
    let newer = [&[2], &plain[1..]].concat();
    assert!(record::decode(&newer).is_err());
    assert!(
        keyring
            .rename("payroll", "wages", &SystemRandom::default())
            .is_ok()
    );
    let refused = keyring.rename("payroll", "x", &SystemRandom::default());
    assert!(matches!(
        refused,
        Err(KeyringError::Change(ChangeError::NoSuchKey(_)))
    ));
}

proptest! {
    /// Arbitrary text never causes a panic, and generated lines are read back.
    #[test]
    fn any_bytes_come_back_from_their_text(bytes in prop::collection::vec(any::<u8>(), 0..500), noise in ".{0,200}") {
        let list = Listing { root: None, master: Vec::new(), kms: Vec::new() };
        let text = print::text(&bytes, &list, NOW);
        prop_assert_eq!(print::read(&text).unwrap(), bytes);
        let _ = print::read(&noise);
        let _ = print::read(&format!("Strongroom keyring backup, version 1\n{noise}"));
    }
}
