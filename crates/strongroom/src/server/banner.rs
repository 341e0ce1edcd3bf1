//! Banner that `strongroom serve` prints after the start: addresses, credentials and first steps.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use strongroom_access::Credentials;
use zeroize::Zeroizing;

use crate::settings::{Region, Root};
use crate::store::keyring::Origin;
use crate::store::root_key;
use crate::store::same_store_flags;
use crate::terminal::client_profile::{Connection, PROFILE, profile_lines};

/// Contents of the banner.
pub(crate) struct Banner {
    /// URL of the HTTPS endpoint, for clients on this machine.
    pub(crate) https: Option<String>,
    /// URL of the plain HTTP endpoint, for clients on this machine.
    pub(crate) http: Option<String>,
    /// URL of the web console, for browsers on this machine.
    pub(crate) console: Option<String>,
    /// URLs for clients on other machines, one for each host.
    pub(crate) elsewhere: Vec<String>,
    /// True if HTTPS listens only for clients on this machine.
    pub(crate) loopback_only: bool,
    pub(crate) data_dir: PathBuf,
    pub(crate) keyring: PathBuf,
    pub(crate) root: Root,
    /// Origin of the keyring.
    pub(crate) origin: Origin,
    /// CA file to give to clients. `None`: the operator's own certificate is in use.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) region: Region,
    /// The root credentials, if this start created them.
    pub(crate) new_credentials: Option<Credentials>,
    /// True if the secret of new credentials may be shown: anything but a terminal may store it, such as the journal or
    /// the log of a container.
    pub(crate) to_terminal: bool,
}

impl Banner {
    /// Returns the text, which contains the secret of new credentials.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        // Allocate room for the whole text: growing would leave copies of the secret behind that are not wiped.
        let mut page = Zeroizing::new(String::with_capacity(8192));
        page.push_str("Strongroom is serving.\n\n");
        if let Some(url) = &self.https {
            row(&mut page, "HTTPS", url);
        }
        for url in &self.elsewhere {
            row(&mut page, "", url);
        }
        if let Some(url) = &self.http {
            row(&mut page, "HTTP", url);
        }
        if let Some(url) = &self.console {
            row(&mut page, "Console", url);
        }
        row(&mut page, "Data", &self.data_dir.display().to_string());
        row(&mut page, "Keyring", &self.keyring.display().to_string());
        row(&mut page, "Root key", &root_key::describe(&self.root));
        if let Some(ca_file) = &self.ca_file {
            row(&mut page, "CA file", &ca_file.display().to_string());
        }
        self.credentials(&mut page);
        self.first_steps(&mut page);
        self.lesson(&mut page);
        page
    }

    /// Returns the flags that direct commands to this store.
    fn flags(&self) -> String {
        same_store_flags::flags_to(&self.data_dir, &self.keyring, &self.root)
    }

    /// Adds advice on backup and root key if the keyring was encrypted for the first time.
    fn lesson(&self, page: &mut String) {
        page.push_str(match self.origin {
            Origin::Found => return,
            Origin::Created => "\nThe keyring was newly created",
            Origin::Upgraded => "\nThe keyring stored its keys in clear and was encrypted just now",
        });
        page.push_str(
            ". Keyring and root key together decrypt everything in the data directory;\n\
             without them all data is lost. Make a backup, encrypted with a passphrase, and keep it elsewhere:\n",
        );
        // Writing into a String cannot fail.
        let _ = writeln!(
            page,
            "  strongroom keys export-backup keyring.backup {}",
            self.flags()
        );
        if let Root::File(path) = &self.root
            && path.starts_with(&self.data_dir)
        {
            page.push_str(
                "The root key is on the same disk: anyone who steals that disk has both. Move it to another disk\n\
                 (--root-file), a systemd credential or a passphrase (--root-source): run\n  \
                 strongroom keys reseal --help\n",
            );
        }
    }

    fn credentials(&self, page: &mut String) {
        let flags = self.flags();
        // Writing into a String cannot fail.
        let _ = match self.shown_credentials() {
            Some(credentials) => {
                page.push_str("\nRoot credentials, newly created and not shown at later starts:\n");
                row(page, "Access key ID", &credentials.access_key_id);
                row(page, "Secret access key", credentials.secret.expose());
                writeln!(
                    page,
                    "Show them again:  strongroom credentials show {flags}\n\
                     Replace them:     strongroom credentials reset {flags}"
                )
            }
            None if self.new_credentials.is_some() => writeln!(
                page,
                "\nRoot credentials, newly created. The secret is not shown here, because this output is not a terminal.\n\
                 Show them:        strongroom credentials show {flags}\n\
                 Replace them:     strongroom credentials reset {flags}"
            ),
            None => writeln!(page, "\nRoot credentials: strongroom credentials show {flags}"),
        };
    }

    /// Returns new credentials that may be shown.
    fn shown_credentials(&self) -> Option<&Credentials> {
        self.new_credentials.as_ref().filter(|_| self.to_terminal)
    }

    /// Adds lines to copy into a shell. If this start shows no credentials, the profile has those of an earlier one, or
    /// `strongroom credentials show` prints the lines that write it.
    fn first_steps(&self, page: &mut String) {
        let Some(endpoint) = self.https.as_deref().or(self.http.as_deref()) else {
            return;
        };
        let connection = Connection {
            profile: PROFILE,
            region: self.region.as_ref(),
            endpoint: Some(endpoint),
            ca_file: self.trusted_ca(),
        };
        page.push_str("\nTo use it with the AWS CLI:\n");
        page.push_str(&profile_lines(self.shown_credentials(), connection));
        let _ = writeln!(page, "  aws s3 ls --profile {PROFILE}");
        self.other_machines(page);
    }

    /// Adds a sentence on how to reach the server from other machines.
    fn other_machines(&self, page: &mut String) {
        let has_ca = self.trusted_ca().is_some();
        let _ = match (&self.https, self.elsewhere.first()) {
            (Some(_), Some(url)) => writeln!(
                page,
                "On another machine: the same with endpoint_url {url}{}.",
                if has_ca { " and a copy of the CA file" } else { "" }
            ),
            (Some(_), None) if has_ca => writeln!(
                page,
                "To reach it from another machine, start it with {}--host NAME, this machine's name or address, and\n\
                 copy the CA file there.",
                if self.loopback_only {
                    "--https-listen 0.0.0.0:9443 "
                } else {
                    ""
                }
            ),
            _ => Ok(()),
        };
    }

    /// Returns the CA file that clients must trust to use HTTPS.
    fn trusted_ca(&self) -> Option<&Path> {
        self.https.as_ref().and(self.ca_file.as_deref())
    }
}

fn row(page: &mut String, name: &str, value: &str) {
    let _ = writeln!(page, "  {name:17}  {value}");
}

#[cfg(test)]
mod tests;
