//! Lists of a keyring's keys, without the keys themselves.

use crate::created::Created;
use crate::keyring::content::{Content, Master, NamedKey};
use crate::keyring::state::{MasterState, NamedState};
use crate::root::kind::RootKind;
use crate::root::record::Root;
use serde::{Serialize, Serializer};
use std::fmt::Display;
use strongroom_seal::OuterKey;
use strongroom_seal::keyring::Fingerprint;

/// Description of a keyring. Serialized in the form shown to programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The root key; `None` for a keyring of version 1.
    pub root: Option<ListedRoot>,
    /// The master keys, in the order of their creation.
    pub master: Vec<ListedMaster>,
    /// The named keys, in the order of their creation.
    pub kms: Vec<ListedNamed>,
}

/// Description of a keyring's root key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedRoot {
    /// Kind of the root key.
    pub kind: RootKind,
    /// Fingerprint of the root key.
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// Description of a master key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedMaster {
    /// Id of the key.
    pub id: String,
    /// State of the key.
    pub state: MasterState,
    /// Creation time of the key.
    pub created: Created,
    /// Fingerprint of the key.
    #[serde(serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// Description of a named key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedNamed {
    /// Id of the key.
    pub id: String,
    /// Label of the key.
    pub label: String,
    /// State of the key.
    pub state: NamedState,
    /// Creation time of the key.
    pub created: Created,
    /// Versions of the key; the last one wraps.
    pub versions: Vec<ListedVersion>,
}

/// Description of a version of a named key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedVersion {
    /// Number of the version.
    pub number: u32,
    /// Creation time of the version.
    pub created: Created,
    /// Fingerprint of the version.
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
