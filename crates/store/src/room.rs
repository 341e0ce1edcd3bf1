//! Room for content.

use crate::error::Result;
use std::sync::Arc;

/// Room of a store, from which admissions take.
pub(crate) trait Room: Send + Sync {
    /// Keeps room for bytes that will be written.
    ///
    /// # Errors
    /// [`crate::StoreError::Full`], [`crate::StoreError::TakesNoWrites`].
    fn keep(&self, bytes: u64) -> Result<()>;

    /// Returns kept room. `written` of its bytes were written meanwhile.
    fn give_back(&self, bytes: u64, written: u64);
}

/// Permission to write content, with the room that is kept for it until it is written.
#[must_use = "the room is kept only as long as this exists"]
pub struct Admission {
    /// `None`: there is always room.
    room: Option<Arc<dyn Room>>,
    /// Bytes that are not written yet.
    left: u64,
}

impl Admission {
    /// Returns permission to write any number of bytes.
    pub fn unlimited() -> Self {
        Self { room: None, left: 0 }
    }

    pub(crate) fn to(room: Arc<dyn Room>, bytes: u64) -> Result<Self> {
        room.keep(bytes)?;
        Ok(Self {
            room: Some(room),
            left: bytes,
        })
    }

    /// Notes that bytes are written now. More than were admitted are admitted now.
    ///
    /// # Errors
    /// [`crate::StoreError::Full`], [`crate::StoreError::TakesNoWrites`].
    pub fn write(&mut self, bytes: u64) -> Result<()> {
        let Some(room) = &self.room else { return Ok(()) };
        if let Some(more) = bytes.checked_sub(self.left).filter(|more| *more > 0) {
            room.keep(more)?;
            self.left += more;
        }
        self.left -= bytes;
        room.give_back(bytes, bytes);
        Ok(())
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(room) = &self.room {
            room.give_back(self.left, 0);
        }
    }
}
