//! Downloads in progress, so that a page can show how far one is that the browser saves by itself.

use crate::failure::Failure;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use serde::Serialize;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use strongroom_engine::{Error, PlaintextStream};
use strongroom_identity::console_sessions::TokenDigest;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Transfers at the same time, uploads and downloads: each holds up to 3 MiB.
const AT_ONCE: usize = 64;
/// Downloads that are remembered.
const REMEMBERED: usize = 1000;
/// Time for which a download is remembered, in microseconds.
const KEPT: u64 = 10 * 60 * 1_000_000;

/// The transfers of the process.
pub(crate) struct Transfers {
    places: Arc<Semaphore>,
    known: Mutex<HashMap<(TokenDigest, String), Arc<Progress>>>,
}

/// Place of one transfer, given back when dropped.
pub(crate) struct TransferPlace {
    _permit: OwnedSemaphorePermit,
}

/// How far a download is.
#[derive(Default)]
pub(crate) struct Progress {
    begun: u64,
    total: AtomicU64,
    sent: AtomicU64,
    end: Mutex<Option<End>>,
}

#[derive(Clone)]
enum End {
    Done,
    Failed(Failure),
}

/// Document about a download, for scripts.
#[derive(Serialize)]
pub(crate) struct Report {
    state: &'static str,
    sent: u64,
    total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Default for Transfers {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            known: Mutex::default(),
        }
    }
}

impl Transfers {
    /// Takes the place of a transfer.
    ///
    /// # Errors
    /// The failure if all are taken.
    pub(crate) fn place(&self) -> Result<TransferPlace, Failure> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        let permit = permit.map_err(|_| Failure::busy())?;
        Ok(TransferPlace { _permit: permit })
    }

    /// Begins to follow a download under an id that the page chose.
    pub(crate) fn follow(&self, session: TokenDigest, id: &str, now: u64) -> Arc<Progress> {
        let progress = Arc::new(Progress {
            begun: now,
            ..Progress::default()
        });
        let mut known = self.table();
        if known.len() >= REMEMBERED {
            known.retain(|_, progress| now.saturating_sub(progress.begun) < KEPT);
        }
        if known.len() < REMEMBERED {
            known.insert((session, id.to_owned()), Arc::clone(&progress));
        }
        progress
    }

    /// Returns how far a download of this session is. `None`: it is not known, or no longer.
    pub(crate) fn report(&self, session: TokenDigest, id: &str) -> Option<Report> {
        let known = self.table();
        known
            .get(&(session, id.to_owned()))
            .map(|progress| progress.report())
    }

    fn table(&self) -> MutexGuard<'_, HashMap<(TokenDigest, String), Arc<Progress>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Notes that the download failed.
    pub(crate) fn fail(&self, failure: Failure) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(End::Failed(failure));
    }

    fn report(&self) -> Report {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (state, failure) = match end {
            None => ("running", None),
            Some(End::Done) => ("done", None),
            Some(End::Failed(failure)) => ("failed", Some(failure)),
        };
        let (title, text) = failure.map(|failure| (failure.title, failure.text)).unzip();
        Report {
            state,
            sent: self.sent.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            title,
            text,
        }
    }
}

/// Content that is being sent. An error in the middle breaks the connection, so that the browser sees that the file is
/// incomplete.
pub(crate) struct Followed {
    content: PlaintextStream,
    progress: Option<Arc<Progress>>,
    _place: TransferPlace,
}

impl Followed {
    pub(crate) fn new(
        content: PlaintextStream,
        length: u64,
        progress: Option<Arc<Progress>>,
        place: TransferPlace,
    ) -> Self {
        if let Some(progress) = &progress {
            progress.total.store(length, Ordering::Relaxed);
        }
        Self {
            content,
            progress,
            _place: place,
        }
    }
}

impl Stream for Followed {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.content.poll_next_unpin(cx);
        if let (Poll::Ready(piece), Some(progress)) = (&polled, &self.progress) {
            match piece {
                Some(Ok(bytes)) => {
                    progress.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                }
                Some(Err(error)) => progress.fail(Failure::from(error)),
                None => {}
            }
        }
        polled
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let Some(progress) = &self.progress else { return };
        let mut end = progress.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_none() {
            let is_whole = progress.sent.load(Ordering::Relaxed) == progress.total.load(Ordering::Relaxed);
            *end = Some(if is_whole {
                End::Done
            } else {
                End::Failed(Failure::new(
                    http::StatusCode::BAD_REQUEST,
                    "Cancelled",
                    "The download ended early",
                    "The browser or the network stopped it.",
                ))
            });
        }
    }
}
