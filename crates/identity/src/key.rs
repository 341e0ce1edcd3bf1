//! Keys of the rows, all in the partition [`PartitionId::IDENTITY`](strongroom_store::PartitionId::IDENTITY).
//!
//! A key is words and identifiers between slashes. Names contain no slash, and are folded to lower case: two that differ
//! in case alone would be the same row.

use bytes::Bytes;
use strongroom_access::arn::{AccountId, EntityId, Name};

/// Prefix of the rows of accounts.
pub(crate) const ACCOUNT: &str = "account/";
/// Prefix of the rows of access keys.
pub(crate) const ACCESS_KEY: &str = "access-key/";
/// Prefix of the rows of sessions of the web console.
pub(crate) const CONSOLE_SESSION: &str = "console-session/";

/// Prefix of the rows of quotas.
pub(crate) const QUOTA: &str = "quota/";

/// Returns the row of an account's quota.
pub(crate) fn quota(account: AccountId) -> Bytes {
    format!("{QUOTA}{account}").into()
}

/// Returns the account in a row that [`quota`] returned.
pub(crate) fn account_of_quota(row: &[u8]) -> Option<AccountId> {
    let id = row.strip_prefix(QUOTA.as_bytes())?;
    AccountId::parse(std::str::from_utf8(id).ok()?).ok()
}

/// Returns the row of the identity epoch.
pub(crate) fn epoch() -> Bytes {
    Bytes::from_static(b"epoch")
}

pub(crate) fn account(id: AccountId) -> Bytes {
    format!("{ACCOUNT}{id}").into()
}

/// Returns the row of the account with this name.
pub(crate) fn account_name(name: &str) -> Bytes {
    format!("account-name/{}", name.to_lowercase()).into()
}

/// Returns the row of the account with this canonical id.
pub(crate) fn canonical_id(id: &str) -> Bytes {
    format!("canonical-id/{id}").into()
}

/// Returns the row of the account with this alias.
pub(crate) fn alias(alias: &str) -> Bytes {
    format!("alias/{alias}").into()
}

/// Returns the prefix of the rows of an account's entities of one kind.
pub(crate) fn entities(word: &str, account: AccountId) -> String {
    format!("{word}/{account}/")
}

/// Returns the row of a user, group, role or managed policy.
pub(crate) fn entity(word: &str, account: AccountId, name: &Name) -> Bytes {
    format!("{word}/{account}/{}", name.folded()).into()
}

/// Returns the row of the entity with this unique id.
pub(crate) fn id(id: EntityId) -> Bytes {
    format!("id/{id}").into()
}

/// Returns the row of the document of an inline policy.
pub(crate) fn inline(holder: EntityId, policy: &Name) -> Bytes {
    format!("document/{holder}/{}", policy.folded()).into()
}

/// Returns the row of the document of a version of a managed policy.
pub(crate) fn version(policy: EntityId, number: u32) -> Bytes {
    format!("document/{policy}/v{number}").into()
}

/// Returns the prefix of the rows of a group's members.
pub(crate) fn members(group: EntityId) -> String {
    format!("member/{group}/")
}

/// Returns the row of a member of a group.
pub(crate) fn member(group: EntityId, user: &Name) -> Bytes {
    [members(group), user.folded()].concat().into()
}

/// Returns the prefix of the rows of the entities of one kind that a managed policy is attached to, or is the boundary
/// of. `policy` is [`crate::reference::PolicyRef::row_name`], which contains no slash.
pub(crate) fn holders(account: AccountId, policy: &str, usage: &str, word: &str) -> String {
    format!("holder/{account}/{policy}/{usage}/{word}/")
}

/// Returns the row of an entity that a managed policy is attached to, or is the boundary of.
pub(crate) fn holder(account: AccountId, policy: &str, usage: &str, word: &str, name: &Name) -> Bytes {
    [holders(account, policy, usage, word), name.folded()]
        .concat()
        .into()
}

pub(crate) fn access_key(id: &str) -> Bytes {
    format!("{ACCESS_KEY}{id}").into()
}

/// Returns the row of the last use of an access key, or of a role, by its id.
pub(crate) fn last_used(id: &str) -> Bytes {
    format!("last-used/{id}").into()
}

/// Returns the prefix of the rows of an account's identity providers.
pub(crate) fn providers(account: AccountId) -> String {
    format!("provider/{account}/")
}

/// Returns the row of an identity provider.
pub(crate) fn provider(account: AccountId, issuer: &str) -> Bytes {
    [providers(account).as_str(), issuer].concat().into()
}

/// Returns the row of a session of the web console, by the SHA-256 of its token.
pub(crate) fn console_session(digest: &[u8; 32]) -> Bytes {
    [CONSOLE_SESSION, hex::encode(digest).as_str()].concat().into()
}

/// Returns the name that a session token is sealed under. No row has it.
pub(crate) fn session(access_key_id: &str) -> Bytes {
    format!("session/{access_key_id}").into()
}
