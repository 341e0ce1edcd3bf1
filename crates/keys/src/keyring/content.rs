//! The opened keys of a keyring.

use crate::created::Created;
use crate::keyring::document::{self, Document, MasterEntry, NamedEntry, VersionEntry};
use crate::keyring::state::{MasterState, NamedState};
use crate::root::record::Root;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use strongroom_seal::keyring::Fingerprint;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random, random};

/// Label of the named key in a new keyring, used for requests that name none.
pub const DEFAULT_LABEL: &str = "default";

/// All keys of a keyring, in the order of their creation.
pub(crate) struct Content {
    /// Ids of the stores that were created or adopted under this keyring. The last one is the one in use.
    pub(crate) stores: Vec<[u8; 16]>,
    pub(crate) masters: Vec<Master>,
    pub(crate) named: Vec<NamedKey>,
}

#[derive(Clone)]
pub(crate) struct Master {
    pub(crate) id: String,
    pub(crate) state: MasterState,
    pub(crate) created: Created,
    pub(crate) key: Arc<OuterKey>,
}

#[derive(Clone)]
pub(crate) struct NamedKey {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) state: NamedState,
    pub(crate) created: Created,
    /// In ascending order, never empty. The last one wraps.
    pub(crate) versions: Vec<KeyVersion>,
}

#[derive(Clone)]
pub(crate) struct KeyVersion {
    pub(crate) number: u32,
    pub(crate) created: Created,
    pub(crate) key: Arc<OuterKey>,
}

impl Master {
    pub(crate) fn generate(now: Created, random: &dyn Random) -> strongroom_seal::Result<Self> {
        Ok(Self {
            id: new_id("m-", random)?,
            state: MasterState::Current,
            created: now,
            key: Arc::new(OuterKey::generate(random)?),
        })
    }
}

impl NamedKey {
    pub(crate) fn generate(label: &str, now: Created, random: &dyn Random) -> strongroom_seal::Result<Self> {
        Ok(Self {
            id: new_id("k-", random)?,
            label: label.to_owned(),
            state: NamedState::Enabled,
            created: now,
            versions: vec![KeyVersion::generate(1, now, random)?],
        })
    }

    /// Returns the version that wraps.
    pub(crate) fn newest(&self) -> Option<&KeyVersion> {
        self.versions.last()
    }
}

impl KeyVersion {
    pub(crate) fn generate(number: u32, now: Created, random: &dyn Random) -> strongroom_seal::Result<Self> {
        Ok(Self {
            number,
            created: now,
            key: Arc::new(OuterKey::generate(random)?),
        })
    }
}

/// Returns a random id. Names are not used as ids: a new key with the name of a lost one would be mistaken for it.
fn new_id(prefix: &str, source: &dyn Random) -> strongroom_seal::Result<String> {
    Ok(format!("{prefix}{}", hex::encode(random::bytes::<8>(source)?)))
}

/// Returns the name of a version of a named key, as used in the file and in the envelopes it wraps.
pub(crate) fn version_name(id: &str, number: u32) -> String {
    format!("{id}/{number}")
}

/// Splits the name of a version into id and number.
pub(crate) fn split_version_name(name: &str) -> Option<(&str, u32)> {
    let (id, number) = name.rsplit_once('/')?;
    Some((id, number.parse().ok()?))
}

impl Content {
    /// Generates one master key, and one named key for requests that name none.
    pub(crate) fn generate(now: Created, random: &dyn Random) -> strongroom_seal::Result<Self> {
        Ok(Self {
            stores: Vec::new(),
            masters: vec![Master::generate(now, random)?],
            named: vec![NamedKey::generate(DEFAULT_LABEL, now, random)?],
        })
    }

    /// Opens the keys of a file whose check was verified. The error describes the fault.
    pub(crate) fn open(document: Document, root: &Root) -> Result<Self, &'static str> {
        let store = |id: &String| {
            let mut bytes = [0; 16];
            hex::decode_to_slice(id, &mut bytes)
                .map_err(|_| "the id of a store in it is not 32 hex digits")?;
            Ok(bytes)
        };
        let stores = document.stores.iter().map(store);
        let stores = stores.collect::<Result<_, &'static str>>()?;
        let masters = document.master.into_iter().map(|entry| {
            Ok(Master {
                key: open_key(&entry.id, &entry.sealed, entry.fingerprint, root)?,
                id: entry.id,
                state: entry.state,
                created: entry.created,
            })
        });
        let masters = masters.collect::<Result<_, &'static str>>()?;
        let named = document.kms.into_iter().map(|entry| {
            let version = |version: VersionEntry| {
                let name = version_name(&entry.id, version.number);
                Ok(KeyVersion {
                    key: open_key(&name, &version.sealed, version.fingerprint, root)?,
                    number: version.number,
                    created: version.created,
                })
            };
            let versions = entry.version.into_iter().map(version);
            Ok(NamedKey {
                versions: versions.collect::<Result<_, &'static str>>()?,
                id: entry.id,
                label: entry.name,
                state: entry.state,
                created: entry.created,
            })
        });
        let named = named.collect::<Result<_, &'static str>>()?;
        let content = Self {
            stores,
            masters,
            named,
        };
        content.check()?;
        Ok(content)
    }

    /// Checks the invariants of a keyring.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let current = |master: &&Master| master.state == MasterState::Current;
        if self.masters.iter().filter(current).count() != 1 {
            return Err("not exactly one master key is current");
        }
        let ids = self.masters.iter().map(|master| &master.id);
        let ids: BTreeSet<_> = ids.chain(self.named.iter().map(|key| &key.id)).collect();
        if ids.len() != self.masters.len() + self.named.len() {
            return Err("two keys have the same id");
        }
        let labels: BTreeSet<_> = self.named.iter().map(|key| &key.label).collect();
        if labels.len() != self.named.len() {
            return Err("two keys have the same label");
        }
        let ascending = |key: &NamedKey| {
            let numbers = key.versions.iter().map(|version| version.number);
            !key.versions.is_empty() && numbers.is_sorted_by(|one, next| one < next)
        };
        if !self.named.iter().all(ascending) {
            return Err("the versions of a key are not in order");
        }
        Ok(())
    }

    /// Encrypts every key under `root`, each with a salt of its own.
    pub(crate) fn seal(&self, root: &Root, random: &dyn Random) -> strongroom_seal::Result<Document> {
        let masters = self.masters.iter().map(|master| {
            let (fingerprint, sealed) = seal_key(&master.id, &master.key, root, random)?;
            Ok(MasterEntry {
                id: master.id.clone(),
                state: master.state,
                created: master.created,
                fingerprint,
                sealed,
            })
        });
        let named = self.named.iter().map(|key| {
            let versions = key.versions.iter().map(|version| {
                let name = version_name(&key.id, version.number);
                let (fingerprint, sealed) = seal_key(&name, &version.key, root, random)?;
                Ok(VersionEntry {
                    number: version.number,
                    created: version.created,
                    fingerprint,
                    sealed,
                })
            });
            Ok(NamedEntry {
                id: key.id.clone(),
                name: key.label.clone(),
                state: key.state,
                created: key.created,
                version: versions.collect::<strongroom_seal::Result<_>>()?,
            })
        });
        Ok(Document {
            version: document::VERSION,
            stores: self.stores.iter().map(hex::encode).collect(),
            root: root.record.clone(),
            master: masters.collect::<strongroom_seal::Result<_>>()?,
            kms: named.collect::<strongroom_seal::Result<_>>()?,
        })
    }

    /// Returns the name of the first key that `other` lacks, or has with another value.
    pub(crate) fn missing_in(&self, other: &Self) -> strongroom_seal::Result<Option<String>> {
        let theirs: BTreeMap<_, _> = other.keys().collect();
        for (name, key) in self.keys() {
            let same = match theirs.get(&name) {
                Some(theirs) => Fingerprint::of::<OuterKey>(theirs)? == Fingerprint::of(key)?,
                None => false,
            };
            if !same {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Returns every master key and every version of a named key, with the name it is sealed under.
    fn keys(&self) -> impl Iterator<Item = (String, &OuterKey)> {
        let masters = self.masters.iter();
        let masters = masters.map(|master| (master.id.clone(), &*master.key));
        let named = self.named.iter().flat_map(|key| {
            let versions = key.versions.iter();
            versions.map(|version| (version_name(&key.id, version.number), &*version.key))
        });
        masters.chain(named)
    }

    pub(crate) fn current(&self) -> Option<&Master> {
        self.masters
            .iter()
            .find(|master| master.state == MasterState::Current)
    }

    pub(crate) fn master(&self, id: &str) -> Option<&Master> {
        self.masters.iter().find(|master| master.id == id)
    }
}

/// Returns the place of the key named `name`, so that no two keys can be exchanged.
fn place(name: &str) -> Place<'_> {
    Place {
        key: name,
        ..Place::STORE
    }
}

fn seal_key(
    name: &str,
    key: &OuterKey,
    root: &Root,
    random: &dyn Random,
) -> strongroom_seal::Result<([u8; 8], Vec<u8>)> {
    let by = root.record.fingerprint().to_string();
    let envelope = Envelope::wrap(&root.key, &by, key, Mode::Keyring, place(name), random)?;
    Ok((*Fingerprint::of(key)?.as_bytes(), envelope.as_bytes().to_vec()))
}

fn open_key(
    name: &str,
    sealed: &[u8],
    fingerprint: [u8; 8],
    root: &Root,
) -> Result<Arc<OuterKey>, &'static str> {
    let envelope = Envelope::from_bytes(sealed).map_err(|_| "a key in it is not an envelope")?;
    if envelope.mode() != Mode::Keyring {
        return Err("a key in it has another purpose");
    }
    let key: OuterKey = envelope
        .open(&root.key, place(name))
        .map_err(|_| "a key in it does not open")?;
    if Fingerprint::of(&key).map_err(|_| "a key in it is not valid")? != Fingerprint::from_bytes(fingerprint)
    {
        return Err("a key in it does not have its fingerprint");
    }
    Ok(Arc::new(key))
}
