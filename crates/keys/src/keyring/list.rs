//! What a keyring tells of its keys: everything but the keys.

use crate::created::Created;
use crate::keyring::content::{Content, Master, NamedKey};
use crate::keyring::state::{MasterState, NamedState};
use crate::root::kind::RootKind;
use crate::root::record::Root;
use serde::{Serialize, Serializer};
use std::fmt::Display;
use strongroom_seal::OuterKey;
use strongroom_seal::keyring::Fingerprint;

/// What a keyring tells of itself. Serialized as it is shown to programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// What seals the keyring; none for one of version 1.
    pub root: Option<ListedRoot>,
    /// The master keys, in the order in which they were made.
    pub master: Vec<ListedMaster>,
    /// The named keys, in the order in which they were made.
    pub kms: Vec<ListedNamed>,
}

/// What seals a keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedRoot {
    /// What the root key is kept by.
    pub kind: RootKind,
    /// Its fingerprint.
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// A master key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedMaster {
    /// Its id.
    pub id: String,
    /// What it is used for.
    pub state: MasterState,
    /// When it was made.
    pub created: Created,
    /// Its fingerprint.
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// A named key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedNamed {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// What it is used for.
    pub state: NamedState,
    /// When it was made.
    pub created: Created,
    /// Its versions; the last one wraps.
    pub versions: Vec<ListedVersion>,
}

/// A version of a named key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedVersion {
    /// Its number.
    pub number: u32,
    /// When it was made.
    pub created: Created,
    /// Its fingerprint.
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
}

impl Listing {
    pub(crate) fn of(content: &Content, root: Option<&Root>) -> strongroom_seal::Result<Self> {
        let masters = content.masters.iter().map(ListedMaster::of);
        let named = content.named.iter().map(ListedNamed::of);
        Ok(Self {
            root: root.map(|root| ListedRoot {
                kind: root.record.kind(),
                fingerprint: root.record.fingerprint(),
            }),
            master: masters.collect::<strongroom_seal::Result<_>>()?,
            kms: named.collect::<strongroom_seal::Result<_>>()?,
        })
    }
}

impl ListedMaster {
    fn of(master: &Master) -> strongroom_seal::Result<Self> {
        Ok(Self {
            id: master.id.clone(),
            state: master.state,
            created: master.created,
            fingerprint: Fingerprint::of::<OuterKey>(&master.key)?,
        })
    }
}

impl ListedNamed {
    fn of(key: &NamedKey) -> strongroom_seal::Result<Self> {
        let versions = key.versions.iter().map(|version| {
            Ok(ListedVersion {
                number: version.number,
                created: version.created,
                fingerprint: Fingerprint::of::<OuterKey>(&version.key)?,
            })
        });
        Ok(Self {
            id: key.id.clone(),
            label: key.label.clone(),
            state: key.state,
            created: key.created,
            versions: versions.collect::<strongroom_seal::Result<_>>()?,
        })
    }
}

fn as_text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
