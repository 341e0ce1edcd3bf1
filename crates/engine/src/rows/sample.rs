//! Records of the daily samples of usage.

use crate::model::usage::Usage;
use minicbor::{Decode, Encode};
use strongroom_rows::records;

records! {
    SampleRecord = 1, "sample of usage";
    LastSampleRecord = 1, "last sample of usage";
}

/// Usage of a bucket on a day: the row `sample/<day>/<account>/<bucket>` of the root partition.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct SampleRecord {
    /// Usage at the time of the sample.
    #[n(0)]
    pub(crate) usage: Usage,
}

/// Last day on which all buckets were sampled: the row `last-sample` of the root partition.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct LastSampleRecord {
    /// Days since 1970-01-01.
    #[n(0)]
    pub(crate) day: u32,
}
