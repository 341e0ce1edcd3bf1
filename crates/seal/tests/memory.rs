//! Checks that no key is left in the memory of this process after it was used and dropped.
//!
//! Reads all memory through `/proc/self/mem`. The keys searched for are kept only in masked form, as the search would
//! otherwise find its own copy.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test")]

use aws_lc_rs::hmac;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::secret::CleanStack;
use strongroom_seal::{DataKey, Envelope, Manifest, ManifestKey, Mode, OuterKey, PartOpener, PartSealer};
use strongroom_seal::{Place, Random, Result, StoreKey, SystemRandom};

const PLACE: Place<'_> = Place {
    bucket: [1; 16],
    key: "key",
    content: [2; 16],
};
/// Mask that is combined with each byte of a kept key by XOR.
const MASK: u8 = 0xA5;
/// Bytes per quarter of a key. Each quarter is searched for; 64 bits do not match by chance.
const QUARTER: usize = 8;

/// Generates keys as the system's generator does, and keeps a masked copy of each.
#[derive(Default)]
struct Kept {
    random: SystemRandom,
    keys: Mutex<Vec<[u8; 32]>>,
}

impl Random for Kept {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        self.random.fill(out)?;
        if out.len() == 32 {
            let mut key = [0; 32];
            for (masked, byte) in key.iter_mut().zip(out.iter()) {
                *masked = byte ^ MASK;
            }
            self.keys.lock().unwrap().push(key);
        }
        Ok(())
    }
}

/// Returns whether any quarter of a masked key is found in memory.
fn is_found(masked: &[u8; 32]) -> bool {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut window = vec![0; 1 << 16];
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next().unwrap().split_once('-').unwrap();
        let is_readable = fields.next().unwrap().starts_with('r');
        // Mappings of the kernel cannot be read this way.
        if !is_readable || line.contains("[vvar") || line.contains("[vsyscall]") {
            continue;
        }
        let [mut at, end] = [start, end].map(|bound| u64::from_str_radix(bound, 16).unwrap());
        while at < end {
            let length = window.len().min(usize::try_from(end - at).unwrap());
            // A match must not be found again in the window itself.
            window.fill(0);
            memory.read_exact_at(&mut window[..length], at).unwrap();
            let is_quarter = |bytes: &[u8]| {
                let quarters = &mut masked.chunks(QUARTER);
                quarters.any(|quarter| {
                    bytes
                        .iter()
                        .zip(quarter)
                        .all(|(byte, masked)| byte ^ MASK == *masked)
                })
            };
            if window[..length].windows(QUARTER).any(is_quarter) {
                window.fill(0);
                return true;
            }
            // Windows overlap, so that a match across their border is found.
            let is_last = length < window.len();
            at += u64::try_from(length).unwrap() - if is_last { 0 } else { QUARTER as u64 };
        }
    }
    false
}

/// Generates keys and uses them. Returns the envelope, if one was created under the first key.
type Operation = fn(&Kept) -> Option<Envelope>;

fn wrap(random: &Kept) -> Option<Envelope> {
    let (outer, data_key) = (OuterKey::generate(random), DataKey::generate(random));
    let (outer, data_key) = (outer.unwrap(), data_key.unwrap());
    Envelope::wrap(&outer, "", &data_key, Mode::Customer, PLACE, &random.random).ok()
}

fn rewrap(random: &Kept) -> Option<Envelope> {
    let other = OuterKey::generate(random).unwrap();
    let envelope = Envelope::wrap(
        &other,
        "",
        &DataKey::generate(random).unwrap(),
        Mode::Bucket,
        PLACE,
        &random.random,
    );
    let outer = OuterKey::generate(random).unwrap();
    let envelope = envelope.unwrap();
    assert!(envelope.open::<DataKey>(&outer, PLACE).is_err());
    drop(
        envelope
            .rewrap::<DataKey>(&other, &outer, "", Mode::Customer, PLACE, &random.random)
            .unwrap(),
    );
    None
}

fn seal_and_open(random: &Kept) -> Option<Envelope> {
    let data_key = DataKey::generate(random).unwrap();
    let mut chunk = vec![0; 116];
    let sealer = PartSealer::new(&data_key, 1, &random.random).unwrap();
    let salt = sealer.salt();
    sealer.seal_last(&mut chunk).unwrap();
    let opener = PartOpener::new(&data_key, 1, &salt).unwrap();
    assert_eq!(opener.open(0, true, &mut chunk).unwrap(), [0; 100]);
    let manifest_key = ManifestKey::of(&data_key).unwrap();
    let manifest = Manifest::default().seal(&manifest_key, b"", &random.random);
    Manifest::open(&manifest.unwrap(), &manifest_key, b"").unwrap();
    None
}

/// Returns PRK = HKDF-Extract(salt, outer key), from which all keys of an envelope are derived, in masked form.
#[inline(never)]
fn extracted(envelope: &Envelope, outer: &[u8; 32]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &envelope.as_bytes()[4..36]);
    let outer = OuterKey::filled(|bytes| {
        for (byte, masked) in bytes.iter_mut().zip(outer) {
            *byte = masked ^ MASK;
        }
        Ok::<(), ()>(())
    });
    let tag = hmac::sign(&key, outer.unwrap().expose());
    std::array::from_fn(|i| tag.as_ref()[i] ^ MASK)
}

/// The only test of this binary: others would change the memory that it reads.
#[test]
fn nothing_is_left_of_keys_that_were_used() {
    // A live key is found, so the search works.
    let random = Kept::default();
    let living = StoreKey::generate(&random).unwrap();
    let masked = random.keys.lock().unwrap()[0];
    assert!(is_found(&masked));
    drop(living);
    assert!(!is_found(&masked));

    let operations: [(&str, Operation); 3] = [
        ("wrap", wrap),
        ("rewrap", rewrap),
        ("seal and open", seal_and_open),
    ];
    for (name, operation) in operations {
        let random = Arc::new(Kept::default());
        let (done, is_done) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        // A thread of its own that stays idle afterwards, so that nothing overwrites what is left on its stack.
        let thread = thread::spawn({
            let random = Arc::clone(&random);
            move || {
                done.send(operation(&random)).unwrap();
                may_end.recv().unwrap_err();
            }
        });
        let envelope = is_done.recv().unwrap();
        let mut keys = random.keys.lock().unwrap().clone();
        if let Some(envelope) = envelope {
            let _clean = CleanStack;
            keys.push(extracted(&envelope, &keys[0]));
        }
        for (number, masked) in keys.iter().enumerate() {
            assert!(!is_found(masked), "{name}: key {number}");
        }
        drop(end);
        thread.join().unwrap();
    }
}
