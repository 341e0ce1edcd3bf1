//! Threads without which the store can make no commit. If one of them ends by a panic, the process should end too: its
//! supervisor starts it again, and the start checks everything.

use crate::error::{Result, StoreError};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

/// Name of the first thread that ended by a panic.
pub(super) struct Failure(watch::Sender<Option<String>>);

impl Default for Failure {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Failure {
    /// Waits until a thread has panicked. Returns its name.
    pub(super) async fn wait(&self) -> String {
        let mut failed = self.0.subscribe();
        loop {
            if let Some(name) = failed.borrow_and_update().clone() {
                return name;
            }
            if failed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Starts a thread whose panic is reported to `failure`.
pub(super) fn spawn(
    name: &str,
    failure: &Arc<Failure>,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>> {
    let guard = Guard {
        failure: Arc::clone(failure),
        name: name.to_owned(),
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _guard = guard;
            work();
        })
        .map_err(|error| StoreError::failed(format!("starting the thread {name}"), error))
}

/// Reports the panic of the thread that drops it.
struct Guard {
    failure: Arc<Failure>,
    name: String,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                alarm = "store",
                thread = self.name,
                "a thread of the store panicked"
            );
            self.failure.0.send_if_modified(|first| {
                let is_first = first.is_none();
                first.get_or_insert_with(|| self.name.clone());
                is_first
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_panic_is_reported_and_the_end_of_a_thread_is_not() {
        let failure = Arc::<Failure>::default();
        let within = || tokio::time::timeout(Duration::from_millis(50), failure.wait());
        spawn("ends", &failure, || ()).unwrap().join().unwrap();
        assert!(within().await.is_err());
        let thread = spawn("first", &failure, || panic!("on purpose")).unwrap();
        assert!(thread.join().is_err());
        let thread = spawn("second", &failure, || panic!("on purpose")).unwrap();
        assert!(thread.join().is_err());
        assert_eq!(failure.wait().await, "first");
    }
}
