//! Keyed functions under fixed keys, for tests of stores.

use crate::authenticator::{Authenticator, MacPurpose};
use crate::error::{Result, StoreError};
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use aws_lc_rs::rand;

const SALT: usize = 16;
const TAG: usize = 32;

/// Keyed functions of a store in a test. The seed stands for the store's key; "encrypted" bytes are authenticated, and
/// masked with a salt so that nobody relies on reading them.
pub struct FixedAuthenticator {
    macs: [Key; 4],
    seal: Key,
}

impl FixedAuthenticator {
    /// Creates the functions of a store.
    pub fn new(seed: u8) -> Self {
        let key = |number: u8| Key::new(HMAC_SHA256, &[seed, number]);
        Self {
            macs: [key(0), key(1), key(2), key(3)],
            seal: key(4),
        }
    }

    fn tag(&self, context: &[u8], rest: &[u8]) -> [u8; TAG] {
        let length = (context.len() as u64).to_be_bytes();
        mac(&self.seal, &[&length, context, rest])
    }
}

fn mac(key: &Key, parts: &[&[u8]]) -> [u8; TAG] {
    let mut state = Context::with_key(key);
    for part in parts {
        state.update(part);
    }
    let mut bytes = [0; TAG];
    bytes.copy_from_slice(state.sign().as_ref());
    bytes
}

fn masked<'a>(salt: &'a [u8], bytes: &'a [u8]) -> impl Iterator<Item = u8> + 'a {
    bytes
        .iter()
        .zip(salt.iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
}

impl Authenticator for FixedAuthenticator {
    fn mac(&self, purpose: MacPurpose, parts: &[&[u8]]) -> [u8; 32] {
        let [log, mark, tables, row] = &self.macs;
        let key = match purpose {
            MacPurpose::Log => log,
            MacPurpose::Mark => mark,
            MacPurpose::Tables => tables,
            MacPurpose::Row => row,
        };
        mac(key, parts)
    }

    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt).map_err(|error| StoreError::failed("sealing", error))?;
        let mut sealed = salt.to_vec();
        sealed.extend(masked(&salt, plain));
        sealed.extend(self.tag(context, &sealed));
        Ok(sealed)
    }

    fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (rest, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG)?)?;
        let (salt, bytes) = rest.split_at_checked(SALT)?;
        (self.tag(context, rest) == tag).then(|| masked(salt, bytes).collect())
    }
}
