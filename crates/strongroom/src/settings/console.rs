//! Settings of the web console.

use std::time::Duration;

use super::error::SettingsError;
use super::layered::layer;
use super::listeners::{Http, Https};
use super::value::number;
use super::values::listen::Listen;

layer! {
    /// The console settings given by one source.
    struct ConsoleLayer, shown from console: Console {
        /// Address of the web console, or off [default: 0.0.0.0:9444, every IPv4 address of this machine].
        ///
        /// It serves HTTPS with the certificate of the HTTPS listener, and needs a port of its own.
        #[arg(value_name = "ADDRESS:PORT")]
        listen["console-listen"]: Option<Listen> = console.listen.to_string(),
        /// Time without a request after which a session of the console ends [default: 30].
        #[arg(value_name = "MINUTES")]
        session_idle["console-session-idle"]: Option<Minutes> = minutes(console.session_idle),
        /// Time after which a session of the console ends in any case [default: 720].
        #[arg(value_name = "MINUTES")]
        session_max["console-session-max"]: Option<Minutes> = minutes(console.session_max),
    }
}

/// The web console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Console {
    pub(crate) listen: Listen,
    /// Time without a request after which a session ends.
    pub(crate) session_idle: Duration,
    /// Time after which a session ends in any case.
    pub(crate) session_max: Duration,
}

number! {
    /// Length of a session. At most a week.
    Minutes: 1 to 10_080 "minutes"
}

impl ConsoleLayer {
    /// Fills in defaults. Rejects a port that the S3 listeners use: pages and objects would have the same origin, and an
    /// object could do what a page can.
    pub(super) fn complete(self, https: &Https, http: &Http) -> Result<Console, SettingsError> {
        let listen = self.listen.unwrap_or(Listen::On(([0, 0, 0, 0], 9444).into()));
        let port = |listen| match listen {
            // Port 0 picks a free port each time, so it never collides.
            Listen::On(address) if address.port() != 0 => Some(address.port()),
            Listen::On(_) | Listen::Off => None,
        };
        if let Some(shared) = port(listen)
            && [port(https.listen), port(http.listen)].contains(&Some(shared))
        {
            return Err(SettingsError::SharedOrigin(shared));
        }
        let duration = |minutes: Option<Minutes>, default| {
            Duration::from_mins(minutes.map_or(default, |minutes| minutes.0))
        };
        Ok(Console {
            listen,
            session_idle: duration(self.session_idle, 30),
            session_max: duration(self.session_max, 720),
        })
    }
}

fn minutes(duration: Duration) -> String {
    (duration.as_secs() / 60).to_string()
}
