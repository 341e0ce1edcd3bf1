//! Contents of a bucket or account in numbers.

use minicbor::{Decode, Encode};
use std::ops::{AddAssign, SubAssign};
use strongroom_seal::Mode;

/// Contents of a bucket or account by encryption mode; also a change of them. The numbers of a bucket are negative only
/// if its counters are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Usage {
    /// Contents under SSE-S3.
    #[n(0)]
    pub s3: ModeUsage,
    /// Contents under SSE-KMS.
    #[n(1)]
    pub kms: ModeUsage,
    /// Contents under customers' keys.
    #[n(2)]
    pub customer: ModeUsage,
    /// Delete markers, which have no content to encrypt.
    #[n(3)]
    pub markers: i64,
}

/// Contents under one encryption mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ModeUsage {
    /// Objects that GET finds: newest versions.
    #[n(0)]
    pub objects: i64,
    /// Versions, the newest included.
    #[n(1)]
    pub versions: i64,
    /// Plaintext bytes of all versions. Versions that share a content count it each.
    #[n(2)]
    pub bytes: i64,
    /// Multipart uploads in progress.
    #[n(3)]
    pub uploads: i64,
    /// Plaintext bytes of uploaded parts. Those of an upload that ended count until the collector deletes them.
    #[n(4)]
    pub part_bytes: i64,
}

impl Usage {
    /// Returns the contents under a mode of objects.
    pub fn of(&self, mode: Mode) -> &ModeUsage {
        match mode {
            Mode::Kms => &self.kms,
            Mode::Customer => &self.customer,
            _ => &self.s3,
        }
    }

    /// Returns the contents under a mode of objects, to change them.
    pub(crate) fn of_mut(&mut self, mode: Mode) -> &mut ModeUsage {
        match mode {
            Mode::Kms => &mut self.kms,
            Mode::Customer => &mut self.customer,
            _ => &mut self.s3,
        }
    }

    /// Returns the contents under all modes.
    pub fn total(&self) -> ModeUsage {
        let mut total = self.s3;
        total += self.kms;
        total += self.customer;
        total
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.s3 += other.s3;
        self.kms += other.kms;
        self.customer += other.customer;
        self.markers += other.markers;
    }
}

impl SubAssign for Usage {
    fn sub_assign(&mut self, other: Self) {
        self.s3 -= other.s3;
        self.kms -= other.kms;
        self.customer -= other.customer;
        self.markers -= other.markers;
    }
}

impl AddAssign for ModeUsage {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.versions += other.versions;
        self.bytes += other.bytes;
        self.uploads += other.uploads;
        self.part_bytes += other.part_bytes;
    }
}

impl SubAssign for ModeUsage {
    fn sub_assign(&mut self, other: Self) {
        self.objects -= other.objects;
        self.versions -= other.versions;
        self.bytes -= other.bytes;
        self.uploads -= other.uploads;
        self.part_bytes -= other.part_bytes;
    }
}
