//! Command line of the commands on accounts.

use clap::{Args, Subcommand};

use super::location::LocationFlags;

const CREATE_EXAMPLES: &str = "\
The secret of the root user's access key is shown once. The root user may do everything in the account, and creates its
users with the AWS CLI: aws iam create-user.

Examples:
  strongroom account create museum
  strongroom account create museum --email it@museum.example";

const DELETE_EXAMPLES: &str = "\
An account is deleted when it has no buckets, users, groups, roles and policies any more.

Examples:
  strongroom account suspend museum
  strongroom account delete museum";

const CONFIRM_EXAMPLES: &str = "\
Confirm only what is still wanted: among the revived ones are those that were deleted after the snapshot.

Examples:
  strongroom account unconfirmed
  strongroom account confirm museum --user ann
  strongroom account confirm --access-key SRX2XK4PWNX3E8RTFZ5Q
  strongroom account confirm --all";

/// Access keys and passwords to confirm.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichFlags {
    /// Id or name of the account.
    pub(crate) account: Option<String>,
    /// Confirm one access key.
    #[arg(long, value_name = "ID")]
    pub(crate) access_key: Option<String>,
    /// Confirm all of all accounts.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account, with an access key of its root user.
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// Name of the account, unique in the store.
        name: String,
        /// Address of the customer.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// List all accounts.
    List {
        /// Print a line of JSON for each account.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Refuse all requests of an account until it is activated again.
    Suspend {
        /// Id or name of the account.
        account: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Accept requests of a suspended account again.
    Activate {
        /// Id or name of the account.
        account: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Delete an empty account.
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// Id or name of the account.
        account: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// List access keys and passwords that a restore of the store revived. They are void until they are confirmed.
    Unconfirmed {
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Confirm access keys and passwords that a restore of the store revived.
    #[command(after_help = CONFIRM_EXAMPLES)]
    Confirm {
        #[command(flatten)]
        which: WhichFlags,
        /// Confirm only those of this user of the account.
        #[arg(long, value_name = "NAME", requires = "account")]
        user: Option<String>,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Create another access key of the root user. Its secret is shown once.
    NewKey {
        /// Id or name of the account.
        account: String,
        #[command(flatten)]
        location: LocationFlags,
    },
    /// Delete an access key of the root user.
    DeleteKey {
        /// Id or name of the account.
        account: String,
        /// Id of the access key.
        access_key: String,
        #[command(flatten)]
        location: LocationFlags,
    },
}

impl AccountCommand {
    /// Takes the flags for the location of the store.
    pub(super) fn location(&mut self) -> &mut LocationFlags {
        match self {
            Self::Create { location, .. }
            | Self::List { location, .. }
            | Self::Suspend { location, .. }
            | Self::Activate { location, .. }
            | Self::Delete { location, .. }
            | Self::Unconfirmed { location, .. }
            | Self::Confirm { location, .. }
            | Self::NewKey { location, .. }
            | Self::DeleteKey { location, .. } => location,
        }
    }
}
