//! `strongroom serve`: starts all parts in order and stops them in order.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Duration;

use strongroom_engine::{Engine, LostRows};
use strongroom_identity::IdentityError;
use strongroom_keys::RootSource;
use strongroom_store::StoreError;
use tokio::sync::watch;

use super::assemble::{self, Accepted, Opened};
use super::banner::Banner;
use super::listen::handler::Handler;
use super::listen::pace::MinRate;
use super::listen::places::PlaceLimits;
use super::listen::{ListenError, Listener, Server};
use super::memory::{self, MemoryError};
use super::open_files;
use super::reload::{self, ReadLevel, Reload};
use super::tls::error::TlsError;
use super::tls::{self, Certificates};
use super::urls::{self, nearby};
use crate::admin::socket::AdminSocket;
use crate::clock;
use crate::settings::{Listen, Settings};
use crate::stop::{self, Stop};
use crate::store::keyring::{self, OpenError, Origin};
use crate::store::noted_head;
use crate::store::open_error::OpenStoreError;
use crate::store::root_key;
use crate::store::same_store_flags;
use crate::telemetry::logging::{self, Level};

/// Errors that keep the server from starting.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("cannot set up logging")]
    Logging(#[from] tracing::subscriber::SetGlobalDefaultError),
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error("cannot start the threads of the server")]
    Runtime(#[source] io::Error),
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Keyring(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    #[error("cannot read the accounts")]
    Identities(#[from] IdentityError),
    #[error(
        "{lost}. Put back the index that belongs to these blobs, or restore a snapshot: strongroom restore. Only to go on \
         without what is lost: strongroom serve --accept-lost-rows {flags}"
    )]
    LostRows {
        lost: LostRows,
        /// Flags that direct a command to this store.
        flags: String,
    },
    #[error("the store can make no commit any more; start the server again")]
    StoreEnded(#[source] StoreError),
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

/// Serves until stopped.
pub(crate) fn run(
    settings: &Settings,
    accepted: Accepted,
    read_level: ReadLevel,
    output: &mut impl Write,
) -> Result<(), ServeError> {
    let level = logging::start(settings.log, settings.log_format)?;
    if !settings.memory.core_dumps {
        memory::forbid_core_dumps()?;
    }
    memory::lock(settings.memory.lock)?.tell();
    let open_files = open_files::raise();
    let root = keyring::root_to_serve(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let outcome = runtime.block_on(serve(
        settings,
        (root, accepted),
        open_files,
        (level, read_level),
        output,
    ));
    // Requests that are still running are cut off here; a blocking disk operation may still finish.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn serve(
    settings: &Settings,
    (root, accepted): (RootSource, Accepted),
    open_files: usize,
    (level, read_level): (Level, ReadLevel),
    output: &mut impl Write,
) -> Result<(), ServeError> {
    // Register signals first: one that arrives while the store is being opened must not be lost.
    let stop = stop::on_signals().map_err(ServeError::Signals)?;
    let hangups = reload::on_hangup().map_err(ServeError::Signals)?;
    let OverTls {
        https,
        console: console_listener,
        certificates,
    } = OverTls::listen(settings).await?;
    let reload = Reload {
        hangups,
        certificates,
        level,
        read_level,
        failure: None,
    };
    tokio::spawn(reload.run());
    let http = Listener::http(settings.http.listen).await?;
    let Opened {
        handler,
        console,
        core,
        new_credentials,
        audit,
        keyring: origin,
    } = assemble::open(&with_picked_port(settings, https.as_ref()), root, accepted).await?;
    if origin == Origin::Upgraded {
        tracing::warn!(
            keyring = %settings.keyring.display(),
            root = root_key::describe(&settings.root),
            "the keyring stored its keys in clear and is now encrypted with the root key; older copies of it \
             still decrypt everything"
        );
    }

    let secure_address = https.as_ref().map(Listener::address);
    let plain_address = http.as_ref().map(Listener::address);
    let console_address = console_listener.as_ref().map(Listener::address);
    let endpoint = urls::endpoint(settings, secure_address, plain_address);
    let banner = Banner {
        https: secure_address.map(|address| nearby("https", address)),
        http: plain_address.map(|address| nearby("http", address)),
        console: console_address.map(|address| nearby("https", address)),
        elsewhere: endpoint.elsewhere.clone(),
        loopback_only: secure_address.is_some_and(|address| address.ip().is_loopback()),
        data_dir: settings.data_dir.clone(),
        keyring: settings.keyring.clone(),
        root: settings.root.clone(),
        origin,
        ca_file: endpoint.ca_file.clone(),
        region: settings.region.clone(),
        new_credentials,
        to_terminal: io::stdout().is_terminal(),
    };
    output
        .write_all(banner.text().as_bytes())
        .and_then(|()| output.flush())
        .map_err(ServeError::Output)?;
    drop(banner);

    let (engine, identities) = (core.engine.clone(), core.identities().await?.clone());
    let commands = match AdminSocket::bind(&settings.data_dir) {
        Ok(socket) => Some(tokio::spawn(socket.serve(core, endpoint))),
        Err(error) => {
            tracing::warn!(%error, "cannot open the admin socket: commands such as strongroom report keys cannot reach this server, and strongroom keys and credentials commands that write to its audit log will be refused");
            drop(core);
            None
        }
    };
    let server = Server {
        https,
        http,
        handler: Arc::new(handler),
        console: console_listener.zip(console.map(Arc::new)),
        trusted_proxies: settings.trusted_proxies.clone(),
        places: place_limits(settings, open_files),
        min_rate: MinRate {
            bytes_per_second: settings.requests.min_rate,
            window: settings.requests.rate_window,
        },
        grace: settings.shutdown_grace,
    };
    tracing::info!(
        https = secure_address.map(tracing::field::display),
        http = plain_address.map(tracing::field::display),
        console = console_address.map(tracing::field::display),
        max_connections = server.places.max,
        "serving"
    );
    let outcome = until_stopped(server, stop, &engine, settings).await;
    if let Some(commands) = commands {
        commands.abort();
        // Wait for the task to end: the audit log must not be closed before it.
        let _ = commands.await;
    }
    if let Err(error) = identities.write_last_uses().await {
        tracing::warn!(%error, "cannot write the last uses of access keys");
    }
    if let Some(audit) = audit {
        noted_head::note(&audit, &engine);
        audit.close();
    }
    outcome
}

/// Returns the settings with the port that the system picked for port 0, which the console shows.
fn with_picked_port(settings: &Settings, https: Option<&Listener>) -> Settings {
    let mut settings = settings.clone();
    if let Some(https) = https {
        settings.https.listen = Listen::On(https.address());
    }
    settings
}

/// The listeners that use TLS.
#[derive(Default)]
struct OverTls {
    https: Option<Listener>,
    console: Option<Listener>,
    /// `None`: both are off.
    certificates: Option<Arc<Certificates>>,
}

impl OverTls {
    async fn listen(settings: &Settings) -> Result<Self, ServeError> {
        if [settings.https.listen, settings.console.listen] == [Listen::Off; 2] {
            return Ok(Self::default());
        }
        let certificates = Arc::new(Certificates::load(settings, clock::system())?);
        let tls = Arc::new(tls::server_config(Arc::clone(&certificates))?);
        Ok(Self {
            https: Listener::https(settings.https.listen, Arc::clone(&tls)).await?,
            console: Listener::console(settings.console.listen, tls).await?,
            certificates: Some(certificates),
        })
    }
}

/// Serves requests until a signal arrives, the engine finds that rows were lost, or the store can make no commit any more.
async fn until_stopped(
    server: Server<impl Handler, impl Handler>,
    stop: watch::Receiver<Stop>,
    engine: &Engine,
    settings: &Settings,
) -> Result<(), ServeError> {
    tokio::select! {
        cut_off = server.run(stop) => {
            match cut_off {
                0 => tracing::info!("stopped: all requests completed"),
                cut_off => tracing::warn!(cut_off, "stopped: some requests were cut off"),
            }
            Ok(())
        }
        // Requests are cut off: each answer from an index that lost rows may be wrong.
        lost = engine.lost_rows() => Err(ServeError::LostRows {
            lost,
            flags: same_store_flags::flags(settings),
        }),
        ended = engine.store_ended() => Err(ServeError::StoreEnded(ended)),
    }
}

/// Returns the numbers of places. Half of the file descriptors are for connections, the other half for stored data; the
/// admin socket takes its own from that half.
fn place_limits(settings: &Settings, open_files: usize) -> PlaceLimits {
    let max = settings.connections.max.min(open_files / 2);
    PlaceLimits {
        max,
        per_address: settings.connections.per_address.unwrap_or(max / 2).max(1),
        proxies: settings.trusted_proxies.clone(),
    }
}
