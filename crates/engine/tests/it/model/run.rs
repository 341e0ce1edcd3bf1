//! The state of one random sequence of operations: the bucket, its model and the uploads in progress.

use crate::model::expected::{Content, Model, PROTECTIONS, Version};
use crate::support::seeded_random::SeededRandom;
use crate::support::uploading::{Upload, bulk};
use crate::support::vault::Vault;
use bytes::Bytes;
use std::collections::BTreeMap;
use strongroom_engine::VersionName;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::upload::CompletedPart;

pub(crate) const SIZES: [usize; 5] = [0, 10, 60_000, 70_000, 1_100_000];

/// A bucket, its model, and the random source that chooses the next operation.
pub(crate) struct Run {
    pub(crate) vault: Vault,
    pub(crate) random: SeededRandom,
    pub(crate) model: Model,
    pub(crate) uploads: Vec<OpenUpload>,
    pub(crate) seed: u64,
}

impl Run {
    pub(crate) fn bytes(&mut self, size: usize) -> Bytes {
        self.seed += 1;
        bulk(self.seed, size)
    }

    /// Returns content for the next upload, with the tags and metadata of its request.
    pub(crate) fn content(&mut self, size: usize) -> Content {
        let bytes = self.bytes(size);
        let word = format!("{}", self.seed);
        Content {
            bytes,
            protection: self.random.one_of(&PROTECTIONS),
            tags: Tags::new([("k".to_owned(), word.clone())], 10).unwrap(),
            metadata: word,
            etag: String::new(),
        }
    }

    /// Returns a random version that is not a delete marker.
    pub(crate) fn any_object(&mut self) -> Option<(String, VersionName, Content, bool)> {
        let objects = self.model.versions().filter_map(|(key, version, is_latest)| {
            let Version { name, content } = version.clone();
            Some((key.to_owned(), name, content?, is_latest))
        });
        let mut objects: Vec<_> = objects.collect();
        (!objects.is_empty()).then(|| objects.swap_remove(self.random.below(objects.len())))
    }
}

/// An upload in progress and the parts that it has so far.
pub(crate) struct OpenUpload {
    pub(crate) upload: Upload,
    pub(crate) parts: BTreeMap<i64, (CompletedPart, Bytes)>,
    pub(crate) content: Content,
}
