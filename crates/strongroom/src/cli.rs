//! Command line of `strongroom`: commands, flags and their help texts.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use self::audit::AuditCommand;
use self::keys::KeysCommand;
use self::location::LocationFlags;
use self::serve::{CheckFlags, SERVE_EXAMPLES, ServeFlags};
use self::store::StoreCommand;
use self::unseal::UnsealCommand;

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod keys;
pub(crate) mod load;
pub(crate) mod location;
mod new_root;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod sealing;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod unseal;

const EXAMPLES: &str = "\
Examples:
  strongroom serve
      Start without any preparation: data in ./strongroom-data, HTTPS on port 9443 with a
      generated certificate, plain HTTP on 127.0.0.1:9000, root credentials shown once, on a
      terminal only.

  strongroom serve --data-dir /srv/strongroom --host s3.example.com
      The same, reachable as https://s3.example.com:9443 and https://BUCKET.s3.example.com:9443.

  strongroom key new --out customer.key
      Generate a customer key for SSE-C and show it in the form each client needs.

  strongroom check-config --all
      Check the configuration, and show every setting and where its value comes from.";

const CHECK_CONFIG_HELP: &str = "\
Accepts the same flags as `strongroom serve`; starts nothing and writes nothing. The files must be readable by the user
who runs the command: run it as the server's user. The keyring is decrypted, unless that needs a typed passphrase, a
PKCS#11 token or a key management service; services are not contacted.";

const KEY_NEW_EXAMPLES: &str = "\
Examples:
  strongroom key new --out customer.key
      32 random bytes in a file that the AWS CLI accepts as fileb://customer.key
  strongroom key new --text
      32 characters to pass directly: --sse-customer-key CHARACTERS";

const KEY_CHECK_EXAMPLES: &str = "\
The key is never read from the command line, where other users of the machine could see it.

Examples:
  strongroom key check customer.key
  printf %s \"$KEY\" | strongroom key check";

const UNSEAL_HELP: &str = "\
The keyring, or a backup of it, decrypts everything except SSE-C objects; those also need the customer key. The data
directory is never changed and may be read-only: see docs/unseal.md.";

/// S3-compatible object store that encrypts everything it stores.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the object store and serve S3 requests until stopped.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Box<ServeFlags>),
    /// Check the settings and the files that they name, and show the settings with the source of each value.
    #[command(after_help = CHECK_CONFIG_HELP)]
    CheckConfig(Box<CheckFlags>),
    /// Generate a customer key for SSE-C, or check one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Decrypt objects directly from the files of a stopped, damaged or copied store.
    #[command(subcommand, after_help = UNSEAL_HELP)]
    Unseal(Box<UnsealCommand>),
    /// Manage the keyring: the keys that encrypt everything except SSE-C objects.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show or replace the root credentials of a data directory.
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Verify the audit log, or show its lines.
    #[command(subcommand)]
    Audit(AuditCommand),
    #[command(flatten)]
    Store(StoreCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Generate a customer key and show it in the form each client needs.
    #[command(after_help = KEY_NEW_EXAMPLES)]
    New {
        /// Generate a key of 32 letters and digits (190 bits of strength) that can be typed and pasted.
        #[arg(long)]
        text: bool,
        /// Also write the key, as 32 raw bytes, to this new file, readable only by you.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show the MD5 of a key, the form in which it was given, and any weakness.
    ///
    /// A key is 32 raw bytes or characters, the base64 of 32 bytes, or 64 hex digits.
    #[command(after_help = KEY_CHECK_EXAMPLES)]
    Check {
        /// File of the key [default: standard input].
        file: Option<PathBuf>,
    },
    /// Show the fingerprint of a key: the digits by which the console names it.
    ///
    /// It tells keys apart and does not reveal them.
    Fingerprint {
        /// File of the key, in any form that `strongroom key check` reads.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Show the root credentials.
    Show(LocationFlags),
    /// Replace the root credentials with new ones; the old ones stop working.
    Reset(LocationFlags),
}

#[cfg(test)]
mod tests;
