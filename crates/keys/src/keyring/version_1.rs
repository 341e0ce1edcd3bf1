//! Files of version 1, which contain the master keys in clear. They are read, but never written.
//!
//! ```toml
//! version = 1
//! current = "m-9f86d081884c7d65"
//!
//! [[master]]
//! id = "m-9f86d081884c7d65"
//! key = "base64 of 32 bytes"
//! ```

use crate::created::Created;
use crate::keyring::content::{Content, Master};
use crate::keyring::state::MasterState;
use crate::plain_key::key_of_base64;
use serde::Deserialize;
use std::sync::Arc;
use zeroize::Zeroizing;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[expect(dead_code, reason = "it was looked at before, to find this form")]
    version: u32,
    current: String,
    master: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    key: Zeroizing<String>,
}

/// Opens a file of version 1. It contains neither named keys nor creation times; `now` is used for these. The error
/// describes the fault.
pub(crate) fn open(text: &str, now: Created) -> Result<Content, &'static str> {
    let document: Document = toml::from_str(text).map_err(|_| "it is not the TOML of a keyring")?;
    let mut masters = Vec::new();
    for entry in document.master {
        let key = key_of_base64(&entry.key).ok_or("a master key is not the base64 of 32 bytes")?;
        masters.push(Master {
            state: if entry.id == document.current {
                MasterState::Current
            } else {
                MasterState::Active
            },
            id: entry.id,
            created: now,
            key: Arc::new(key),
        });
    }
    let content = Content {
        stores: Vec::new(),
        masters,
        named: Vec::new(),
    };
    content.check()?;
    Ok(content)
}
