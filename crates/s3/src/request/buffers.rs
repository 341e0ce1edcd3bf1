//! The memory that requests and their responses may hold together: documents, pieces of content, fields of forms.

use crate::response::error::ErrorResponse;
use crate::response::holding::{HeldByBody, holding};
use http::Response;
use s3s::Body;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[cfg(test)]
mod tests;

/// Unit of the budget, in bytes.
const UNIT: usize = 1024;
/// Part of the budget that is kept for forms that are not judged yet, because anybody may send one, and as much for small
/// requests, so that large transfers do not shut them out.
const PART_KEPT: usize = 16;
/// Maximum size of what counts as small, in bytes.
const SMALL: u64 = 64 << 10;
/// Minimum size of a document of a response for which memory is reserved, in bytes.
const MIN_KEPT: usize = 64 << 10;
/// Memory that an upload holds in pieces of content: one is read, one encrypted, one written.
pub(crate) const OF_UPLOAD: u64 = 3 << 20;
/// Memory that a download holds: a piece that is sent, and the next one.
pub(crate) const OF_DOWNLOAD: u64 = 2 << 20;

/// The memory for all requests of the process.
#[derive(Clone)]
pub(crate) struct Buffers {
    all: Arc<Semaphore>,
    small: Arc<Semaphore>,
    forms: Arc<Semaphore>,
}

/// The part of the memory that one request holds. It is given back with the last clone.
#[derive(Clone)]
pub(crate) struct Reservation(Arc<Reserved>);

struct Reserved {
    buffers: Buffers,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    bytes: u64,
    of_all: Option<OwnedSemaphorePermit>,
    of_small: Option<OwnedSemaphorePermit>,
}

/// Memory for the fields of a form, given back when dropped.
pub(crate) struct FormReservation {
    _held: OwnedSemaphorePermit,
}

impl Buffers {
    /// Creates a budget of this number of bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT).min(Semaphore::MAX_PERMITS);
        let kept = units / PART_KEPT;
        Self {
            all: Arc::new(Semaphore::new(units - 2 * kept)),
            small: Arc::new(Semaphore::new(kept)),
            forms: Arc::new(Semaphore::new(kept)),
        }
    }

    /// Starts the reservation of a request, which holds nothing yet.
    pub(crate) fn reservation(&self) -> Reservation {
        Reservation(Arc::new(Reserved {
            buffers: self.clone(),
            held: Mutex::default(),
        }))
    }
}

impl Reservation {
    /// Adds this number of bytes to the reservation. The part for small requests is used only while the reservation as
    /// a whole is small.
    ///
    /// # Errors
    /// `SlowDown` if other requests hold the rest of the memory.
    pub(crate) fn hold(&self, bytes: u64) -> Result<(), ErrorResponse> {
        let Buffers { all, small, .. } = &self.0.buffers;
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let total = held.bytes.saturating_add(bytes);
        let more = units(total).saturating_sub(units(held.bytes));
        match take(all, more) {
            Ok(permit) => add(&mut held.of_all, permit),
            Err(_) if total <= SMALL => add(&mut held.of_small, take(small, more)?),
            Err(refused) => return Err(refused),
        }
        held.bytes = total;
        Ok(())
    }

    /// Raises the reservation to this number of bytes.
    ///
    /// # Errors
    /// As [`Self::hold`].
    pub(crate) fn hold_at_least(&self, bytes: u64) -> Result<(), ErrorResponse> {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        self.hold(bytes.saturating_sub(held))
    }

    /// Reserves memory for the fields of a form, from the part for forms.
    ///
    /// # Errors
    /// `SlowDown` if other forms hold it.
    pub(crate) fn hold_form(&self, bytes: u64) -> Result<FormReservation, ErrorResponse> {
        let held = take(&self.0.buffers.forms, units(bytes))?;
        Ok(FormReservation { _held: held })
    }
}

/// Keeps the memory of a request reserved until its response was sent, with that of a large document in it.
///
/// # Errors
/// `SlowDown` if there is no memory for the document.
pub(crate) fn keep(
    response: Response<Body>,
    reservation: Reservation,
) -> Result<Response<Body>, ErrorResponse> {
    let length = response.body().bytes().map_or(0, |document| document.len());
    if length < MIN_KEPT {
        return Ok(response);
    }
    reservation.hold(length as u64)?;
    Ok(response.map(|document| holding(document, reservation)))
}

impl HeldByBody for Reservation {}

/// Returns the number of units that bytes take.
fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT as u64)).unwrap_or(u32::MAX)
}

fn take(budget: &Arc<Semaphore>, units: u32) -> Result<OwnedSemaphorePermit, ErrorResponse> {
    let taken = Arc::clone(budget).try_acquire_many_owned(units);
    taken.map_err(|_| ErrorResponse::slow_down())
}

fn add(held: &mut Option<OwnedSemaphorePermit>, more: OwnedSemaphorePermit) {
    match held {
        Some(held) => held.merge(more),
        None => *held = Some(more),
    }
}
