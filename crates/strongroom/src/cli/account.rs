//! Command line of the commands on accounts.

use clap::Subcommand;

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
            | Self::NewKey { location, .. }
            | Self::DeleteKey { location, .. } => location,
        }
    }
}
