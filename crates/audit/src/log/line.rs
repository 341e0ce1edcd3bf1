//! Lines of the log: their format, and how each is chained to the previous one.
//!
//! A line is a JSON object. It begins with `"seq"` and ends with `"prev"` and `"hash"`; the hash is SHA-256 over the
//! bytes of the line before `,"hash":`. docs/audit.md describes the rest.

use std::io::Write as _;
use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use strongroom_seal::Mode;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::event::{IdentityChange, KeyEvent};

#[cfg(test)]
mod tests;

/// SHA-256 of a line.
pub type Hash = [u8; 32];

/// Hash recorded before the first line.
pub const BEFORE_ALL: Hash = [0; 32];

/// Version of the line format.
pub(super) const FORMAT: u32 = 1;

/// Actor name for actions of the server itself.
pub(super) const SERVER: &str = "server";

const START: &[u8] = b"{\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const HASH: &[u8] = b"\",\"hash\":\"";
const END: &[u8] = b"\"}";
/// Length of a hash in hex digits.
const DIGITS: usize = 64;
/// Length of the end of a line in bytes: both hashes with their field names.
const TAIL: usize = PREV.len() + DIGITS + HASH.len() + DIGITS + END.len();

/// The event in a line begins with its time.
const NAMED_TIME: &[u8] = b"\"time\":\"";
const TIME_LENGTH: usize = "2026-01-01T00:00:00.000000Z".len();
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Event as a JSON object that is not in the chain yet.
pub(super) struct Text {
    json: Vec<u8>,
    /// The newest event of this kind is repeated at the beginning of each file, so that it outlives older files.
    pub(super) is_repeated: bool,
}

/// Use of a key, as written.
#[derive(Serialize)]
struct Use<'a> {
    time: String,
    who: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    operation: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    request: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(rename = "use")]
    what: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    bucket: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    key_id: &'a str,
    result: &'a str,
}

/// Event that is no use of a key and no request: of the log itself, of the store, or of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Mark {
    /// The first line of each file.
    Begin {
        /// Version of the line format.
        format: u32,
    },
    /// A process opened the log.
    Start {
        /// Version of the program.
        version: String,
    },
    /// The process closed it in order.
    Stop,
    /// The line that was incomplete when the previous process ended. It was removed from its place.
    Torn {
        /// Bytes of the torn line.
        bytes: u64,
        /// Beginning of the torn line.
        text: String,
    },
    /// State of the store at this time, in hex: a store that is older was rolled back.
    Head {
        /// Id of the store.
        store: String,
        /// Its timeline.
        timeline: String,
        /// Number of its last commit.
        commit: u64,
        /// Value that binds all commits up to that one.
        chain: String,
    },
    /// Accounts, users, groups, roles, access keys or policies were changed, or the change was refused.
    Identity {
        /// Access key id of the caller, or `operator:UID`.
        who: String,
        /// Action, such as `iam:CreateUser`, or the name of the command.
        operation: String,
        /// Id of the request.
        request: String,
        /// Address of the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<IpAddr>,
        /// Id of the account that the change concerns.
        account: String,
        /// ARN of the caller. Empty: an operator.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        principal: String,
        /// ARN or id of the entity.
        entity: String,
        /// `ok`, or the code of the error.
        result: String,
    },
    /// A file is deleted because it exceeds the number of files to keep. `last` is the number of its last line.
    Removed {
        /// File name without the directory.
        file: String,
        /// Sequence number of its last line.
        last: u64,
    },
}

impl Mark {
    pub(super) fn of_change(change: &IdentityChange<'_>) -> Self {
        let actor = change.actor.as_ref();
        Self::Identity {
            who: actor.map_or(SERVER, |actor| &actor.who).to_owned(),
            operation: actor.map_or("", |actor| &actor.operation).to_owned(),
            request: actor.map_or("", |actor| &actor.request).to_owned(),
            address: actor.and_then(|actor| actor.address),
            account: change.account.to_owned(),
            principal: change.principal.to_owned(),
            entity: change.entity.to_owned(),
            result: change.result.to_owned(),
        }
    }
}

#[derive(Serialize)]
struct Marked<'a> {
    time: String,
    #[serde(flatten)]
    mark: &'a Mark,
}

impl Text {
    /// Creates the event of a key use. `time` is in microseconds since 1970.
    ///
    /// # Errors
    /// The error of `serde_json`. None is known: the texts are UTF-8, and writing to memory does not fail.
    pub(super) fn of_use(time: u64, event: &KeyEvent<'_>) -> Result<Self, serde_json::Error> {
        let actor = event.actor.as_ref();
        Self::of(&Use {
            time: written(time),
            who: actor.map_or(SERVER, |actor| &actor.who),
            operation: actor.map_or("", |actor| &actor.operation),
            request: actor.map_or("", |actor| &actor.request),
            address: actor.and_then(|actor| actor.address),
            what: event.what.name(),
            bucket: event.bucket,
            key: event.object,
            version: event.version.as_deref(),
            mode: event.mode.map(mode_name),
            key_id: event.key_id,
            result: event.result,
        })
    }

    /// Creates an event of the log itself. Errors: as for [`Self::of_use`].
    pub(super) fn of_mark(time: u64, mark: &Mark) -> Result<Self, serde_json::Error> {
        let time = written(time);
        let text = Self::of(&Marked { time, mark })?;
        Ok(Self {
            is_repeated: matches!(mark, Mark::Head { .. }),
            ..text
        })
    }

    pub(super) fn of(fields: &impl Serialize) -> Result<Self, serde_json::Error> {
        // Enough for a usual line; growing would copy it.
        let mut text = Vec::with_capacity(384);
        serde_json::to_writer(&mut text, fields)?;
        Ok(Self {
            json: text,
            is_repeated: false,
        })
    }

    /// Returns the memory used, in bytes.
    pub(super) fn size(&self) -> usize {
        self.json.capacity()
    }

    /// Returns the object without its braces.
    fn inner(&self) -> &[u8] {
        self.json
            .get(1..self.json.len().saturating_sub(1))
            .unwrap_or_default()
    }
}

pub(super) fn written(micros: u64) -> String {
    let nanos = i128::from(micros) * 1000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos);
    of_time(time.unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// Formats a time as RFC 3339 in UTC with microseconds. Formatted times sort like times.
pub fn of_time(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC).format(TIME).unwrap_or_default()
}

/// Returns the name of a mode in the log.
pub fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::S3 => "SSE-S3",
        Mode::Customer => "SSE-C",
        Mode::Kms => "SSE-KMS",
        Mode::Bucket => "bucket",
        Mode::Store => "store",
        Mode::Credentials => "credentials",
        Mode::Manifest => "upload",
        Mode::Keyring => "master",
        Mode::Named => "kms key",
        Mode::Backup => "backup",
    }
}

/// End of a chain, where the next line is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chain {
    /// Sequence number of the next line.
    pub(super) next: u64,
    /// Hash of the last line.
    pub(super) head: Hash,
}

impl Chain {
    /// Chain without lines.
    pub(super) const EMPTY: Self = Self {
        next: 1,
        head: BEFORE_ALL,
    };

    /// Appends a line to `lines`.
    pub(super) fn add(&mut self, text: &Text, lines: &mut Vec<u8>) {
        let start = lines.len();
        lines.extend_from_slice(START);
        // Writing to memory cannot fail.
        let _ = write!(lines, "{},", self.next);
        lines.extend_from_slice(text.inner());
        lines.extend_from_slice(PREV);
        push_hex(lines, &self.head);
        // The quotation mark before the name `hash` closes the previous string and is part of the hashed bytes.
        let (closing, naming) = HASH.split_at(1);
        lines.extend_from_slice(closing);
        self.head = hash(lines.get(start..).unwrap_or_default());
        lines.extend_from_slice(naming);
        push_hex(lines, &self.head);
        lines.extend_from_slice(END);
        lines.push(b'\n');
        self.next = self.next.saturating_add(1);
    }
}

fn push_hex(line: &mut Vec<u8>, hash: &Hash) {
    let mut digits = [0; DIGITS];
    // The buffer has exactly the size of a hash in hex.
    let _ = hex::encode_to_slice(hash, &mut digits);
    line.extend_from_slice(&digits);
}

fn hash(bytes: &[u8]) -> Hash {
    let mut hash = BEFORE_ALL;
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// A parsed line, without its line end.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Sequence number.
    pub seq: u64,
    /// Hash of the previous line, as written in this line.
    pub prev: Hash,
    /// Hash of this line, as written in it.
    pub hash: Hash,
    /// Bytes covered by the hash.
    hashed: &'a [u8],
    /// The event: the fields between sequence number and hashes.
    fields: &'a [u8],
}

impl<'a> Line<'a> {
    /// Parses a line. `None`: it is not a line of an audit log.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, tail) = bytes.split_at_checked(bytes.len().checked_sub(TAIL)?)?;
        let (prev, rest) = read_hash(tail.strip_prefix(PREV)?)?;
        let (hash, rest) = read_hash(rest.strip_prefix(HASH)?)?;
        let numbered = head.strip_prefix(START)?;
        let comma = numbered.iter().position(|byte| *byte == b',')?;
        let (digits, fields) = numbered.split_at_checked(comma)?;
        // Accept a number only in the form in which it is written.
        let is_plain = !matches!(digits, [b'0' | b'+', ..]);
        let seq = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let hashed = bytes.get(..head.len() + PREV.len() + DIGITS + 1)?;
        (rest == END && is_plain).then_some(Self {
            seq,
            prev,
            hash,
            hashed,
            fields: fields.strip_prefix(b",")?,
        })
    }

    /// Returns whether the hash matches the text.
    pub fn is_genuine(&self) -> bool {
        hash(self.hashed) == self.hash
    }

    /// Returns the time as text.
    pub fn time(&self) -> Option<&'a str> {
        let time = self.fields.strip_prefix(NAMED_TIME)?.get(..TIME_LENGTH)?;
        std::str::from_utf8(time).ok()
    }

    /// Returns the event of the log itself in this line, if it has one.
    pub fn mark(&self) -> Option<Mark> {
        let rest = self.fields.get(NAMED_TIME.len() + TIME_LENGTH..)?;
        if !rest.starts_with(br#"","event":"#) {
            return None;
        }
        self.parse().ok()
    }

    /// Parses the event.
    ///
    /// # Errors
    /// The error of `serde_json` if the event is not a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let mut object = Vec::with_capacity(self.fields.len() + 2);
        object.push(b'{');
        object.extend_from_slice(self.fields);
        object.push(b'}');
        serde_json::from_slice(&object)
    }
}

fn read_hash(bytes: &[u8]) -> Option<(Hash, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(DIGITS)?;
    if digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut hash = BEFORE_ALL;
    hex::decode_to_slice(digits, &mut hash).ok()?;
    Some((hash, rest))
}
