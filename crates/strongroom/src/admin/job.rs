//! Jobs and their events, the same in a server and in the process of a command.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, Fuse, FutureExt as _};
use futures::stream::Stream;
use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::failure::Failure;
use super::host::Host;
use super::job_error::JobError;

#[cfg(test)]
mod tests;

/// Interval between progress events; a user sees no more than that.
const PROGRESS: Duration = Duration::from_millis(100);

/// Work that a command requests. The value is the JSON body of the request.
pub(crate) trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// GET for a job that changes nothing and has no fields, otherwise POST.
    const METHOD: Method;
    const PATH: &'static str;
    /// True if the response has a line for each event: the job shows progress or has rows. Otherwise the response is
    /// the outcome alone.
    const STREAMS: bool;
    /// True if the outcome contains a secret. Then it is not written to the log.
    const OUTCOME_IS_SECRET: bool = false;
    /// Part of the response.
    type Row: Serialize + DeserializeOwned + Send + 'static;
    type Outcome: Serialize + DeserializeOwned + Send + 'static;

    /// Returns the command's name for the logs.
    fn command(&self) -> &'static str;

    /// Does the work. It is dropped where it waits if the command is interrupted.
    fn run(
        &self,
        host: &Host,
        events: &mut Events<Self>,
    ) -> impl Future<Output = Result<Self::Outcome, JobError>> + Send;
}

/// Type of the rows of a job that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NoRows {}

/// Event of a job, which is a line of a streamed response. The last one is a result or an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Event<Row, Outcome> {
    Progress {
        /// Text for a person.
        text: String,
    },
    Row(Row),
    Result(Outcome),
    Error(Failure),
}

/// Event of the job `J`.
pub(super) type EventOf<J> = Event<<J as Job>::Row, <J as Job>::Outcome>;

/// Sender of a job's events. Sending never blocks; the job continues only after its events were passed on.
pub(crate) struct Events<J: Job> {
    sender: UnboundedSender<EventOf<J>>,
    sent_at: Option<Instant>,
}

impl<J: Job> Events<J> {
    /// Reports progress, unless the last report was just now.
    pub(super) fn progress(&mut self, text: impl FnOnce() -> String) {
        let now = Instant::now();
        if self
            .sent_at
            .is_none_or(|sent_at| now.saturating_duration_since(sent_at) >= PROGRESS)
        {
            self.sent_at = Some(now);
            self.send(Event::Progress { text: text() });
        }
    }

    pub(super) fn row(&self, row: J::Row) {
        self.send(Event::Row(row));
    }

    fn send(&self, event: EventOf<J>) {
        // If nobody listens any more, the job is about to be cancelled.
        let _ = self.sender.send(event);
    }
}

/// Job in progress, as a stream of its events. The work proceeds while the stream is polled, and is cancelled when it
/// is dropped.
pub(super) struct Running<J: Job> {
    work: Fuse<BoxFuture<'static, ()>>,
    events: UnboundedReceiver<EventOf<J>>,
}

/// Starts a job.
pub(super) fn start<J: Job>(job: J, host: Host) -> Running<J> {
    let (sender, receiver) = unbounded_channel();
    let mut events = Events {
        sender,
        sent_at: None,
    };
    let work = async move {
        let end = match job.run(&host, &mut events).await {
            Ok(outcome) => Event::Result(outcome),
            Err(error) => Event::Error(error.into()),
        };
        events.send(end);
    };
    Running {
        work: work.boxed().fuse(),
        events: receiver,
    }
}

impl<J: Job> Stream for Running<J> {
    type Item = EventOf<J>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let event @ Poll::Ready(_) = self.events.poll_recv(cx) {
            return event;
        }
        let _ = self.work.poll_unpin(cx);
        self.events.poll_recv(cx)
    }
}
