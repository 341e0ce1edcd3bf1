//! Settings of the limits on connections and requests.

use std::time::Duration;

use super::layered::layer;
use super::value::number;

layer! {
    /// The settings of connections given by one source.
    struct ConnectionsLayer, shown from connections: Connections {
        /// Maximum number of open connections [default: 4096, or half of the open files that the system allows].
        #[arg(value_name = "NUMBER")]
        max["connections-max"]: Option<MaxConnections> = connections.max.to_string(),
        /// Maximum number of open connections of one address, or of one /64 network of IPv6; trusted proxies are exempt
        /// [default: half of the maximum].
        #[arg(value_name = "NUMBER")]
        per_address["connections-per-address"]: Option<MaxConnections> = connections.show_per_address(),
    }
}

layer! {
    /// The settings of requests given by one source.
    struct RequestsLayer, shown from requests: Requests {
        /// Minimum rate at which a client must send a request and take a response, in bytes per second; 0 for none
        /// [default: 1024].
        #[arg(value_name = "BYTES")]
        min_rate["requests-min-rate"]: Option<MinRate> = requests.min_rate.to_string(),
        /// Time over which the minimum rate is measured [default: 30].
        #[arg(value_name = "SECONDS")]
        rate_window["requests-rate-window"]: Option<RateWindow> = requests.rate_window.as_secs().to_string(),
        /// Maximum duration of a download; a deleted object stays on the disk while it is read [default: 86400].
        #[arg(value_name = "SECONDS")]
        longest_read["requests-longest-read"]: Option<LongestRead> = requests.longest_read.as_secs().to_string(),
        /// Maximum number of S3 requests per second, of all accounts together; 0 for none [default: 0].
        #[arg(value_name = "NUMBER")]
        per_second["requests-per-second"]: Option<RequestNumber> = requests.per_second.to_string(),
        /// Maximum number of S3 requests at the same time, of all accounts together; 0 for none [default: 0].
        #[arg(value_name = "NUMBER")]
        at_once["requests-at-once"]: Option<RequestNumber> = requests.at_once.to_string(),
        /// Maximum number of S3 requests per second of each account without a limit of its own; 0 for none [default: 0].
        #[arg(value_name = "NUMBER")]
        account_per_second["requests-account-per-second"]: Option<RequestNumber> = requests.account_per_second.to_string(),
        /// Maximum number of S3 requests at the same time of each account without a limit of its own; 0 for none
        /// [default: 0].
        #[arg(value_name = "NUMBER")]
        account_at_once["requests-account-at-once"]: Option<RequestNumber> = requests.account_at_once.to_string(),
    }
}

/// Limits on connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connections {
    /// Maximum number of open connections, HTTPS and HTTP together.
    pub(crate) max: usize,
    /// Maximum number of open connections of one address. `None`: half of the maximum.
    pub(crate) per_address: Option<usize>,
}

impl Connections {
    fn show_per_address(&self) -> String {
        match self.per_address {
            Some(number) => number.to_string(),
            None => "half of connections.max".to_owned(),
        }
    }
}

/// Limits on requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requests {
    /// Minimum rate of transfers, in bytes per second.
    pub(crate) min_rate: u64,
    /// Time over which the rate is measured.
    pub(crate) rate_window: Duration,
    /// Maximum duration of a download.
    pub(crate) longest_read: Duration,
    /// Maximum number of requests per second. 0: no limit, as for the following.
    pub(crate) per_second: u32,
    /// Maximum number of requests at the same time.
    pub(crate) at_once: u32,
    /// Maximum number of requests per second of an account.
    pub(crate) account_per_second: u32,
    /// Maximum number of requests of an account at the same time.
    pub(crate) account_at_once: u32,
}

number! {
    /// Number of connections. At least 16: fewer leave no room for those that are kept free.
    MaxConnections: 16 to 1_000_000 "connections"
}

number! {
    /// Minimum rate. At most 1 GiB per second.
    MinRate: 0 to 1_073_741_824 "bytes per second"
}

number! {
    /// Time over which a rate is measured.
    RateWindow: 1 to 3600 "seconds"
}

number! {
    /// Maximum duration of a download: a minute to a year.
    LongestRead: 60 to 31_536_000 "seconds"
}

number! {
    /// Number of requests. 0: no limit.
    RequestNumber: 0 to 1_000_000 "requests"
}

/// Default of the maximum number of connections. 4096 keep both cores of a small machine more than busy and cost about
/// 100 MiB of buffers.
const MAX_CONNECTIONS: usize = 4096;

impl ConnectionsLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> Connections {
        let number = |number: MaxConnections| usize::try_from(number.0).unwrap_or(usize::MAX);
        Connections {
            max: self.max.map_or(MAX_CONNECTIONS, number),
            per_address: self.per_address.map(number),
        }
    }
}

impl RequestsLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> Requests {
        let number = |number: Option<RequestNumber>| {
            let number = number.map_or(0, |number| number.0);
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        Requests {
            per_second: number(self.per_second),
            at_once: number(self.at_once),
            account_per_second: number(self.account_per_second),
            account_at_once: number(self.account_at_once),
            min_rate: self.min_rate.map_or(1024, |rate| rate.0),
            rate_window: Duration::from_secs(self.rate_window.map_or(30, |window| window.0)),
            longest_read: Duration::from_secs(self.longest_read.map_or(86_400, |longest| longest.0)),
        }
    }
}
