//! Command line of the commands on policies.

use clap::Subcommand;

use super::location::LocationFlags;

const EXPLAIN_EXAMPLES: &str = "\
The policies of the store decide, as they would about a request: identity policies, boundary, bucket policy and public
access block. Exits with 0 if the action is allowed, and with 1 if not. A value of a condition key that is not given is
missing, as in a request that does not have it.

Examples:
  strongroom policy explain arn:aws:iam::583920174652:user/ann s3:GetObject arn:aws:s3:::paintings/night
  strongroom policy explain SRX2XK4PWNX3E8RTFZ5Q s3:ListBucket arn:aws:s3:::paintings --context s3:prefix=2026/
  strongroom policy explain anonymous s3:GetObject arn:aws:s3:::paintings/night --context aws:SourceIp=192.0.2.7";

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Say whether somebody may do something, and by which statements of which policies.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// ARN of a root user, a user, a role or a session of a role; the id of an access key; or anonymous.
        principal: String,
        /// Action, such as s3:GetObject.
        action: String,
        /// ARN of a bucket or an object.
        resource: String,
        /// Value of a condition key; repeat for more.
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        context: Vec<(String, String)>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        location: LocationFlags,
    },
}

impl PolicyCommand {
    /// Takes the flags for the location of the store.
    pub(super) fn location(&mut self) -> &mut LocationFlags {
        match self {
            Self::Explain { location, .. } => location,
        }
    }
}

/// Parses a condition key and its value.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if key.contains(':') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as aws:SourceIp=192.0.2.7"),
    }
}
