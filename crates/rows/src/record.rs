//! Records: the values of rows.

use minicbor::{Decode, Encode};

/// Record that is stored in a row: its version byte followed by CBOR (RFC 8949), sealed by [`Rows`](super::Rows).
///
/// Fields are numbered; a number is never reused for something else. Implement it with [`records!`](crate::records).
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> {
    /// Version of the layout, stored as the first byte.
    const VERSION: u8;
    /// Name of the record in alarms.
    const NAME: &'static str;
}

/// Implements [`Record`] with version and name: `records! { BucketRecord = 1, "bucket"; }`.
#[macro_export]
macro_rules! records {
    ($($record:ty = $version:literal, $name:literal;)*) => {
        $(impl $crate::Record for $record {
            const VERSION: u8 = $version;
            const NAME: &'static str = $name;
        })*
    };
}
