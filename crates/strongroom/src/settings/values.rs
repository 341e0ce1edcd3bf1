//! Types of single settings: how each is parsed, checked and shown.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use ipnet::IpNet;
use serde::Deserialize;

use super::kms::CacheSeconds;
mod audit;

pub(crate) use audit::{AuditKeep, RotateMib};

/// Reasons why a value was rejected, with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ValueError {
    #[error("write ADDRESS:PORT, such as 127.0.0.1:9000, 0.0.0.0:9443 or [::1]:9000, or off")]
    Listen,
    #[error(
        "write a host name such as s3.example.com, or an IP address, without scheme, port or path; \
         bucket names below it are covered automatically, so no * is needed"
    )]
    Host,
    #[error("write an IP address such as 192.0.2.10, or a network such as 192.0.2.0/24")]
    Network,
    #[error("write a region of lower-case letters, digits and hyphens, such as us-east-1")]
    Region,
    #[error("write a whole number of seconds from 0 to {}", ShutdownGrace::LONGEST)]
    ShutdownGrace,
    #[error("write a whole number of seconds from 1 to {}", LifecycleDay::LONGEST)]
    LifecycleDay,
    #[error("write a whole number of seconds from 0 to {}", CacheSeconds::LONGEST)]
    CacheSeconds,
    #[error("write a whole number of MiB from 1 to {}", RotateMib::LARGEST)]
    RotateMib,
    #[error("write the number of old files to keep, 1 or more, or all")]
    AuditKeep,
    #[error(
        "write the name of a systemd credential: letters, digits, '.', '_' and '-', at most 255, such as strongroom-root"
    )]
    CredentialName,
    #[error("write 404 (like StorageGRID) or 400 (like AWS)")]
    HeadWithoutKey,
}

/// Address of a listener, or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Listen {
    Off,
    On(SocketAddr),
}

/// DNS name (lower case) or IP address by which this server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

/// IP address or network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Network(IpNet);

/// Region for which clients sign.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Region(String);

/// Seconds that requests in progress get to finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct ShutdownGrace(u64);

/// Length of a day in lifecycle rules, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct LifecycleDay(u64);

/// Response to HEAD of an SSE-C object without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) enum HeadWithoutKey {
    #[value(name = "404")]
    NotFound,
    #[value(name = "400")]
    BadRequest,
}

/// Clients whose customer keys are accepted over plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cleartext {
    /// Clients on this machine.
    Loopback,
    /// No clients.
    Never,
    /// All clients: anyone on the network path can read the keys.
    Always,
}

/// Policy for locking memory so that it is not swapped out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MemoryLock {
    /// Lock if this user may lock memory.
    Auto,
    /// Do not lock.
    Off,
    /// Refuse to start if memory cannot be locked.
    Required,
}

/// Level of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// Format of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl FromStr for Listen {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::On).map_err(|_| ValueError::Listen)
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On(address) => address.fmt(f),
        }
    }
}

impl FromStr for Host {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        // RFC 1123 names: at most 253 characters, in labels of at most 63. A last label of only digits would be a
        // mistyped address.
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let last_is_digits = text
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() > 253 || last_is_digits || !text.split('.').all(label) {
            return Err(ValueError::Host);
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl Network {
    /// Returns whether `address` is in this network; an IPv4-mapped IPv6 address counts as IPv4.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(IpNet::from(address.to_canonical())));
        }
        text.parse().map(Self).map_err(|_| ValueError::Network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Region {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(ValueError::Region);
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Region {
    /// Returns the default region, which clients also use by default.
    pub(crate) fn built_in() -> Self {
        Self("us-east-1".to_owned())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ShutdownGrace {
    /// One hour: longer than any service supervisor waits before it kills.
    pub(crate) const LONGEST: u64 = 3600;
    pub(crate) const DEFAULT: Self = Self(30);

    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl TryFrom<u64> for ShutdownGrace {
    type Error = ValueError;

    fn try_from(seconds: u64) -> Result<Self, ValueError> {
        if seconds > Self::LONGEST {
            return Err(ValueError::ShutdownGrace);
        }
        Ok(Self(seconds))
    }
}

impl LifecycleDay {
    /// One day.
    pub(crate) const LONGEST: u64 = 86_400;
    pub(crate) const DEFAULT: Self = Self(Self::LONGEST);

    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl TryFrom<u64> for LifecycleDay {
    type Error = ValueError;

    fn try_from(seconds: u64) -> Result<Self, ValueError> {
        if (1..=Self::LONGEST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(ValueError::LifecycleDay)
        }
    }
}

impl FromStr for LifecycleDay {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<u64>()
            .map_err(|_| ValueError::LifecycleDay)?
            .try_into()
    }
}

impl FromStr for ShutdownGrace {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<u64>()
            .map_err(|_| ValueError::ShutdownGrace)?
            .try_into()
    }
}

impl TryFrom<u16> for HeadWithoutKey {
    type Error = ValueError;

    fn try_from(status: u16) -> Result<Self, ValueError> {
        match status {
            404 => Ok(Self::NotFound),
            400 => Ok(Self::BadRequest),
            _ => Err(ValueError::HeadWithoutKey),
        }
    }
}

/// Implements `TryFrom<String>` through `FromStr` for values that are text in the file.
macro_rules! read_from_text {
    ($($value:ty),+) => {$(
        impl TryFrom<String> for $value {
            type Error = ValueError;

            fn try_from(text: String) -> Result<Self, ValueError> {
                text.parse()
            }
        }
    )+};
}

read_from_text!(Listen, Host, Network, Region);
