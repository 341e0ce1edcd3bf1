//! Settings of the store.

use std::time::Duration;

use strongroom_store::HistoryLimits;

use super::layered::layer;
use super::value::number;

layer! {
    /// The settings of the store given by one source.
    struct StoreLayer, shown from store: Store {
        /// Free space that uploads leave for deletions and the index [default: the larger of 1024 and 2 % of the disk, at
        /// most 10 %].
        #[arg(value_name = "MIB")]
        reserve_mib["store-reserve-mib"]: Option<ReserveMib> = reserve(store.reserve_bytes),
        /// Days for which blobs that no row refers to are kept [default: 30].
        #[arg(value_name = "DAYS")]
        lost_days["store-lost-days"]: Option<LostDays> = (store.keep_lost.as_secs() / 86_400).to_string(),
        /// Days for which deleted data and the commit log are kept, so that a snapshot can be brought forward to any state
        /// of this time [default: 0].
        #[arg(value_name = "DAYS")]
        history_days["store-history-days"]: Option<HistoryDays> = history_days(store.history),
        /// Space that the history may take; its oldest part goes first, also when the disk is full up to the reserve
        /// [default: all up to the reserve].
        #[arg(value_name = "MIB")]
        history_mib["store-history-mib"]: Option<HistoryMib> = history_mib(store.history),
        /// Size at which a write buffer of the index becomes a table; there are at most five [default: 32].
        #[arg(value_name = "MIB")]
        write_buffer_mib["store-write-buffer-mib"]: Option<WriteBufferMib> = (store.write_buffer_bytes >> 20).to_string(),
        /// Days for which the daily samples of usage are kept [default: 400].
        #[arg(value_name = "DAYS")]
        usage_days["store-usage-days"]: Option<UsageDays> = store.usage_days.to_string(),
    }
}

/// The store's use of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Store {
    /// Free space that uploads leave. `None`: by the size of the disk.
    pub(crate) reserve_bytes: Option<u64>,
    /// Time for which blobs that no row refers to are kept.
    pub(crate) keep_lost: Duration,
    /// Limits of the history. `None`: none is kept.
    pub(crate) history: Option<HistoryLimits>,
    /// Size at which a write buffer of the index is written to a table.
    pub(crate) write_buffer_bytes: u64,
    /// Days for which samples of usage are kept.
    pub(crate) usage_days: u32,
}

number! {
    /// Reserve in MiB. At most 1 TiB.
    ReserveMib: 0 to 1_048_576 "MiB"
}

number! {
    /// Days for which blobs without rows are kept. At most ten years.
    LostDays: 1 to 3650 "days"
}

number! {
    /// Days of history. At most ten years.
    HistoryDays: 0 to 3650 "days"
}

number! {
    /// Maximum size of the history in MiB: at least that of a few segments of the log, at most 1 PiB.
    HistoryMib: 64 to 1_073_741_824 "MiB"
}

number! {
    /// Size of a write buffer in MiB. At most 1 GiB.
    WriteBufferMib: 1 to 1024 "MiB"
}

number! {
    /// Days of samples of usage. At most ten years.
    UsageDays: 1 to 3650 "days"
}

impl StoreLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> Store {
        let days = self.lost_days.map_or(30, |days| days.0);
        let history = self
            .history_days
            .filter(|days| days.0 > 0)
            .map(|days| HistoryLimits {
                age: Duration::from_hours(24 * days.0),
                bytes: self.history_mib.map(|limit| limit.0 << 20),
            });
        Store {
            reserve_bytes: self.reserve_mib.map(|reserve| reserve.0 << 20),
            keep_lost: Duration::from_hours(24 * days),
            history,
            usage_days: self
                .usage_days
                .map_or(400, |days| u32::try_from(days.0).unwrap_or(u32::MAX)),
            write_buffer_bytes: self.write_buffer_mib.map_or(32, |size| size.0) << 20,
        }
    }
}

fn reserve(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "by the size of the disk".to_owned(),
        |bytes| (bytes >> 20).to_string(),
    )
}

fn history_days(history: Option<HistoryLimits>) -> String {
    history
        .map_or(0, |limits| limits.age.as_secs() / 86_400)
        .to_string()
}

fn history_mib(history: Option<HistoryLimits>) -> String {
    history.and_then(|limits| limits.bytes).map_or_else(
        || "up to the reserve".to_owned(),
        |bytes| (bytes >> 20).to_string(),
    )
}
