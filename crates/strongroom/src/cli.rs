//! The command line: what can be asked of `strongroom`, and how it is explained.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use self::audit::AuditCommand;
use self::keys::KeysCommand;
use self::place::PlaceFlags;
use self::serve::{SERVE_EXAMPLES, SettingsFlags};
use self::store::StoreCommand;
use self::unseal::UnsealCommand;

pub(crate) mod audit;
pub(crate) mod keys;
mod kms;
pub(crate) mod load;
pub(crate) mod place;
mod root;
pub(crate) mod sealing;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod unseal;

const EXAMPLES: &str = "\
Examples:
  strongroom serve
      Start with nothing prepared: data in ./strongroom-data, HTTPS on port 9443 with a
      certificate made on the spot, plain HTTP on 127.0.0.1:9000, root credentials shown once.

  strongroom serve --data-dir /srv/strongroom --host s3.example.com
      The same, reachable as https://s3.example.com:9443 and https://BUCKET.s3.example.com:9443.

  strongroom key new --out customer.key
      Make a customer key for SSE-C and show how each client wants it.

  strongroom check-config
      Show every setting and where its value comes from.";

const KEY_NEW_EXAMPLES: &str = "\
Examples:
  strongroom key new --out customer.key
      32 random bytes, kept in a file that the AWS CLI takes as fileb://customer.key
  strongroom key new --text
      32 characters, to be given as they are: --sse-customer-key CHARACTERS";

const KEY_CHECK_EXAMPLES: &str = "\
The key is never taken from the command line, where other users of the machine could read it.

Examples:
  strongroom key check --file customer.key
  printf %s \"$KEY\" | strongroom key check";

const UNSEAL_HELP: &str = "\
The keyring, or a backup of it, opens everything but what is under customers' keys; for that, the customer key is
needed as well. Nothing is changed in the store's directory, which may be read-only: see docs/unseal.md.";

/// An S3-compatible object store that seals everything it holds.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the object store and serve S3 requests until told to stop.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Box<SettingsFlags>),
    /// Show every setting, where its value comes from, and anything wrong with them.
    #[command(after_help = "Takes the same flags as `strongroom serve`; starts nothing and writes nothing.")]
    CheckConfig(Box<SettingsFlags>),
    /// Make a customer key for SSE-C, or check one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Open objects straight from the files of a store that is stopped, damaged, or a copy.
    #[command(subcommand, after_help = UNSEAL_HELP)]
    Unseal(Box<UnsealCommand>),
    /// Look after the keyring: the keys that seal everything but what a customer's own key seals.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show or replace the root credentials of a data directory.
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Check the audit log, or show what is in it.
    #[command(subcommand)]
    Audit(AuditCommand),
    #[command(flatten)]
    Store(StoreCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a customer key and show it in the form each client wants.
    #[command(after_help = KEY_NEW_EXAMPLES)]
    New {
        /// Make a key of 32 letters and digits (190 bits of strength) that can be typed and pasted.
        #[arg(long)]
        text: bool,
        /// Also write the key, as 32 raw bytes, to this new file, readable only by you.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show the MD5 of a key, the form it was read in, and any weakness.
    ///
    /// A key is 32 raw bytes or characters, the base64 of 32 bytes, or 64 hex digits.
    #[command(after_help = KEY_CHECK_EXAMPLES)]
    Check {
        /// Read the key from this file. Without it, the key is read from standard input.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Show the root credentials.
    Show(PlaceFlags),
    /// Replace the root credentials with new ones; the old ones stop working.
    Reset(PlaceFlags),
}

#[cfg(test)]
mod tests;
