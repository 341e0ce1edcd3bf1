//! Damages of one file.

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::{Path, PathBuf};

/// Length of a page that is zeroed.
const PAGE: u64 = 4096;

/// A damage of one file of a store.
#[derive(Debug)]
pub(super) struct Damage {
    /// Path within the store.
    file: PathBuf,
    what: What,
}

#[derive(Debug)]
enum What {
    Flip(u64),
    Cut(u64),
    Zero(u64, u64),
    Delete,
    Empty,
    /// The content of another file.
    Exchange(PathBuf),
    /// The content that the file had at an earlier time.
    Older(PathBuf),
}

impl Damage {
    pub(super) fn flip(file: PathBuf, bit: u64) -> Self {
        Self {
            file,
            what: What::Flip(bit),
        }
    }

    pub(super) fn random(runner: &mut TestRunner, store: &Path, older: &Path) -> Self {
        let mut below = |limit: u64| runner.rng().next_u64() % limit.max(1);
        let files = files(store, Path::new(""));
        let pick = |n: u64| files[usize::try_from(n).unwrap()].clone();
        let file = pick(below(files.len() as u64));
        let used = used(&store.join(&file));
        let what = match below(14) {
            0..=6 => What::Flip(below(used * 8)),
            7 => What::Cut(below(used)),
            8 => What::Zero(below(used), PAGE),
            9 => What::Zero(below(used), u64::MAX),
            10 => What::Delete,
            11 => What::Empty,
            12 => What::Exchange(pick(below(files.len() as u64))),
            _ => match older.join(&file) {
                path if path.is_file() => What::Older(path),
                _ => What::Delete,
            },
        };
        Self { file, what }
    }

    pub(super) fn kind(&self) -> String {
        let file = self.file.components().next().unwrap();
        let what = match self.what {
            What::Flip(_) => "bit flipped",
            What::Cut(_) => "cut",
            What::Zero(_, PAGE) => "page zeroed",
            What::Zero(..) => "zeroed to the end",
            What::Delete => "deleted",
            What::Empty => "emptied",
            What::Exchange(_) => "exchanged",
            What::Older(_) => "older copy",
        };
        format!("{}: {what}", file.as_os_str().display())
    }

    pub(super) fn apply(&self, store: &Path) {
        let path = store.join(&self.file);
        let mut bytes = fs::read(&path).unwrap();
        match &self.what {
            What::Flip(bit) if bytes.is_empty() => assert_eq!(*bit, 0),
            What::Flip(bit) => bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8),
            What::Cut(length) => bytes.truncate(usize::try_from(*length).unwrap()),
            What::Zero(from, length) => {
                let end = from.saturating_add(*length).min(bytes.len() as u64);
                bytes[usize::try_from(*from).unwrap()..usize::try_from(end).unwrap()].fill(0);
            }
            What::Delete => return fs::remove_file(&path).unwrap(),
            What::Empty => bytes.clear(),
            What::Exchange(other) => bytes = fs::read(store.join(other)).unwrap(),
            What::Older(older) => bytes = fs::read(older).unwrap(),
        }
        fs::write(&path, bytes).unwrap();
    }
}

/// Returns the length of a file without the zeros at its end: segments of the log are allocated in advance.
fn used(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last as u64 + 1)
}

/// Returns the files of a store that decide what is read, except the lock.
fn files(store: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(store.join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if store.join(&path).is_dir() {
            found.append(&mut files(store, &path));
        } else if path != Path::new("lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}
