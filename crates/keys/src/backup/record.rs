//! The keys of a keyring as CBOR: one byte for the version of this encoding, 1, then maps with numbers as keys.

use crate::created::Created;
use crate::keyring::content::{Content, KeyVersion, Master, NamedKey};
use crate::keyring::state::{MasterState, NamedState};
use crate::plain_key::key_of;
use minicbor::bytes::ByteSlice;
use minicbor::{Decode, Encode};
use std::sync::Arc;
use strongroom_seal::OuterKey;
use strongroom_seal::keys::Wrapped as _;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
/// Maximum bytes of an entry without its label: maps, id, times and one key.
const ROOM: usize = 256;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Keys<'b> {
    #[b(0)]
    masters: Vec<MasterRecord<'b>>,
    #[b(1)]
    named: Vec<NamedRecord<'b>>,
    #[b(2)]
    stores: Vec<&'b ByteSlice>,
    #[b(3)]
    store_key: Option<&'b ByteSlice>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct MasterRecord<'b> {
    #[b(0)]
    id: &'b str,
    #[n(1)]
    state: u8,
    #[n(2)]
    created: i64,
    #[cbor(b(3), with = "minicbor::bytes")]
    key: &'b [u8],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct NamedRecord<'b> {
    #[b(0)]
    id: &'b str,
    #[b(1)]
    label: &'b str,
    #[n(2)]
    state: u8,
    #[n(3)]
    created: i64,
    #[b(4)]
    versions: Vec<VersionRecord<'b>>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct VersionRecord<'b> {
    #[n(0)]
    number: u32,
    #[n(1)]
    created: i64,
    #[cbor(b(2), with = "minicbor::bytes")]
    key: &'b [u8],
}

/// Content of a backup.
pub(super) struct BackedUp {
    pub(super) content: Content,
    /// Envelope of the store's key.
    pub(super) store_key: Option<Vec<u8>>,
}

/// Encodes the keys. Here and below, the error describes the fault.
pub(super) fn encode(
    content: &Content,
    store_key: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let versions = content
        .named
        .iter()
        .map(|key| key.versions.len() + 1)
        .sum::<usize>();
    // Allocates all at once: growing would leave copies behind that are not wiped.
    let entries = content.masters.len() + versions + content.stores.len() + 1;
    let room = entries * ROOM + store_key.map_or(0, <[u8]>::len);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    bytes.push(VERSION);
    let keys = Keys {
        masters: content.masters.iter().map(MasterRecord::of).collect(),
        named: content.named.iter().map(NamedRecord::of).collect(),
        stores: content.stores.iter().map(|id| id[..].into()).collect(),
        store_key: store_key.map(Into::into),
    };
    minicbor::encode(&keys, &mut *bytes).map_err(|_| "its keys cannot be encoded")?;
    Ok(bytes)
}

pub(super) fn decode(bytes: &[u8]) -> Result<BackedUp, &'static str> {
    let keys: Keys<'_> = match bytes.split_first() {
        Some((&VERSION, cbor)) => minicbor::decode(cbor).map_err(|_| "its keys are not CBOR")?,
        Some(_) => return Err("it was created by a newer version of Strongroom"),
        None => return Err("it is empty"),
    };
    let masters = keys.masters.iter().map(MasterRecord::read);
    let named = keys.named.iter().map(NamedRecord::read);
    let store =
        |id: &&ByteSlice| <[u8; 16]>::try_from(&***id).map_err(|_| "the id of a store is not 16 bytes");
    let content = Content {
        stores: keys.stores.iter().map(store).collect::<Result<_, _>>()?,
        masters: masters.collect::<Result<_, _>>()?,
        named: named.collect::<Result<_, _>>()?,
    };
    content.check()?;
    Ok(BackedUp {
        content,
        store_key: keys.store_key.map(|envelope| envelope.to_vec()),
    })
}

impl<'b> MasterRecord<'b> {
    fn of(master: &'b Master) -> Self {
        Self {
            id: &master.id,
            state: match master.state {
                MasterState::Current => 0,
                MasterState::Active => 1,
                MasterState::Retired => 2,
            },
            created: master.created.seconds(),
            key: master.key.expose(),
        }
    }

    fn read(&self) -> Result<Master, &'static str> {
        Ok(Master {
            id: self.id.to_owned(),
            state: match self.state {
                0 => MasterState::Current,
                1 => MasterState::Active,
                2 => MasterState::Retired,
                _ => return Err("a master key is in no known state"),
            },
            created: created(self.created)?,
            key: key(self.key)?,
        })
    }
}

impl<'b> NamedRecord<'b> {
    fn of(named: &'b NamedKey) -> Self {
        Self {
            id: &named.id,
            label: &named.label,
            state: match named.state {
                NamedState::Enabled => 0,
                NamedState::Disabled => 1,
            },
            created: named.created.seconds(),
            versions: named.versions.iter().map(VersionRecord::of).collect(),
        }
    }

    fn read(&self) -> Result<NamedKey, &'static str> {
        let versions = self.versions.iter().map(VersionRecord::read);
        Ok(NamedKey {
            id: self.id.to_owned(),
            label: self.label.to_owned(),
            state: match self.state {
                0 => NamedState::Enabled,
                1 => NamedState::Disabled,
                _ => return Err("a named key is in no known state"),
            },
            created: created(self.created)?,
            versions: versions.collect::<Result<_, _>>()?,
        })
    }
}

impl<'b> VersionRecord<'b> {
    fn of(version: &'b KeyVersion) -> Self {
        Self {
            number: version.number,
            created: version.created.seconds(),
            key: version.key.expose(),
        }
    }

    fn read(&self) -> Result<KeyVersion, &'static str> {
        Ok(KeyVersion {
            number: self.number,
            created: created(self.created)?,
            key: key(self.key)?,
        })
    }
}

fn created(seconds: i64) -> Result<Created, &'static str> {
    Created::from_seconds(seconds).ok_or("a time in it is not valid")
}

fn key(bytes: &[u8]) -> Result<Arc<OuterKey>, &'static str> {
    let key = key_of(bytes).ok_or("a key in it is not 32 bytes")?;
    Ok(Arc::new(key))
}
