//! The content of an object that is put in one piece.

use crate::content::write::WrittenPart;
use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::process::ledger::Fate;
use crate::process::meters::Room;
use crate::version::commit::{ContentOwner, NewVersion};
use strongroom_rows::Batch;

/// The only part of an object that is uploaded as a whole.
pub(crate) struct SinglePart {
    part: WrittenPart,
    object: String,
    content: [u8; 16],
}

impl SinglePart {
    pub(crate) fn of(part: WrittenPart, version: &NewVersion) -> Self {
        Self {
            part,
            object: version.object.clone(),
            content: version.content.id,
        }
    }
}

impl ContentOwner for SinglePart {
    async fn add_rows(&mut self, _: &Engine, _: &Bucket, batch: &mut Batch, _: bool) -> Result<()> {
        self.part.add_rows(batch, &self.object, self.content)
    }

    fn room(&self) -> Room {
        self.part.room.clone()
    }

    fn set_fate(&mut self, fate: Fate) {
        self.part.set_fate(fate);
    }
}
