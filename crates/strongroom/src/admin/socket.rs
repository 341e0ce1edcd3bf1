//! Socket of a running server, which accepts commands from its own user and from root.

use std::convert::Infallible;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::address::Address;
use super::endpoint::Endpoint;
use super::failure::{Code, Failure};
use super::host::Host;
use super::operator::Operator;
use super::router;
use crate::store::open::Core;

#[cfg(test)]
mod tests;

/// Time limit for reading the head of the request; a command sends it immediately.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// Maximum size of the head of a request; the minimum that hyper allows. A command sends 200 bytes.
const MAX_HEAD: usize = 8 * 1024;
/// Maximum number of concurrent commands. A person runs one or two.
const MAX_COMMANDS: usize = 16;
/// Maximum number of refusals that are being sent; more connections are closed without one.
const MAX_REFUSALS: usize = 16;
/// Pause after a failed `accept`.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
const ROOT: u32 = 0;

/// Listens for commands.
pub(crate) struct AdminSocket {
    listener: UnixListener,
    address: Address,
}

impl AdminSocket {
    /// Starts listening in a data directory whose store this process has open: an existing socket was left by a
    /// server that was killed.
    ///
    /// # Errors
    /// Returns the system's error.
    pub(crate) fn bind(data_dir: &Path) -> io::Result<Self> {
        let address = Address::of(data_dir)?;
        match std::fs::remove_file(&address.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&address.short)?;
        std::fs::set_permissions(&address.path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, address })
    }

    /// Runs commands until dropped, which cancels running ones.
    pub(crate) async fn serve(self, core: Core, endpoint: Endpoint) {
        let host = Host {
            core,
            endpoint: Some(endpoint),
        };
        let (mut commands, mut refusals) = (JoinSet::new(), JoinSet::new());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = commands.join_next() => continue,
                Some(_) = refusals.join_next() => continue,
            };
            match accepted {
                Ok((stream, _)) => match admit(&stream, commands.len()) {
                    Ok(operator) => {
                        commands.spawn(serve(stream, host.clone(), operator));
                    }
                    Err(refusal) if refusals.len() < MAX_REFUSALS => {
                        refusals.spawn(refuse(stream, refusal));
                    }
                    Err(_) => {}
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a command");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // A leftover socket does no harm.
        let _ = std::fs::remove_file(&self.address.path);
    }
}

/// Returns the operator at the other end, unless it is another user or there are too many commands.
fn admit(stream: &UnixStream, running: usize) -> Result<Operator, Failure> {
    let not_admitted = |message: &str| Failure::new(Code::NotAdmitted, message);
    let uid = match stream.peer_cred() {
        Ok(peer) => peer.uid(),
        Err(error) => {
            tracing::warn!(%error, "cannot determine the user of a command");
            return Err(not_admitted(
                "the server cannot determine the user of the command",
            ));
        }
    };
    if uid != ROOT && uid != geteuid().as_raw() {
        tracing::warn!(uid, "rejected a command of another user");
        return Err(not_admitted(
            "the server accepts commands only from its own user and from root",
        ));
    }
    if running >= MAX_COMMANDS {
        return Err(Failure::new(
            Code::TooManyCommands,
            "the server is running too many commands; try again later",
        ));
    }
    Ok(Operator { uid })
}

/// Runs one command. Its job is dropped, and so cancelled, when it disconnects.
async fn serve(stream: UnixStream, host: Host, operator: Operator) {
    let service = service_fn(|request| {
        let host = host.clone();
        async move { Ok::<_, Infallible>(router::answer(host, operator, request).await) }
    });
    // A command that disconnects in the middle is normal.
    let _ = connections()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Responds to one request with an error, without reading its body.
async fn refuse(stream: UnixStream, failure: Failure) {
    let service = service_fn(|_| std::future::ready(Ok::<_, Infallible>(router::refuse(&failure))));
    let _ = connections()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Returns the options of connections. Each carries one request.
fn connections() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(MAX_HEAD);
    http
}
