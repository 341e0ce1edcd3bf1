//! Commands on the store, one file each: the job of each, and its output.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;

use self::error::CommandError;
use super::report::Form;
use crate::admin::jobs::explain::Explain;
use crate::cli::load::load_location;
use crate::cli::policy::PolicyCommand;
use crate::cli::store::{BucketCommand, IndexCommand, KmsCommand, LostCommand, ReportCommand, StoreCommand};
use crate::settings::LogLevel;
use crate::telemetry::logging;

mod accounts;
pub(crate) mod delete_master;
mod error;
mod explain;
mod lost;
mod purge_cache;
mod quotas;
mod report_keys;
mod restore;
mod rewrap;
mod rewrap_keys;
mod shred;
mod snapshot;
mod status;
mod usage;
mod verify;
mod version_line;

/// Runs a command and reports the result on `output`.
pub(crate) fn run(mut command: StoreCommand, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let settings = load_location(command.take_location())?.settings;
    // Log warnings to standard error, in case the work is done in this process.
    logging::start(LogLevel::Warn, settings.log_format).map_err(CommandError::Logging)?;
    match command {
        StoreCommand::Kms(KmsCommand::PurgeCache { .. }) => purge_cache::run(&settings, output)?,
        StoreCommand::Report(ReportCommand::Keys { json, csv, .. }) => {
            let form = match (json, csv) {
                (true, _) => Form::Json,
                (_, true) => Form::Csv,
                _ => Form::Table,
            };
            report_keys::run(&settings, form, output)?;
        }
        StoreCommand::Status { head, .. } => status::run(&settings, head, output)?,
        StoreCommand::Snapshot {
            directory, previous, ..
        } => {
            snapshot::run(&settings, &directory, previous.as_deref(), output)?;
        }
        StoreCommand::Restore {
            snapshot,
            keys_of,
            forward,
            ..
        } => restore::restore(&settings, &snapshot, keys_of, forward, output)?,
        StoreCommand::Index(IndexCommand::Rebuild { snapshot, out, .. }) => {
            restore::rebuild(&settings, &snapshot, &out, output)?;
        }
        StoreCommand::Repair { out, .. } => restore::repair(&settings, &out, output)?,
        StoreCommand::Lost(LostCommand::List { .. }) => lost::list(&settings, output)?,
        StoreCommand::Lost(LostCommand::Restore { which, .. }) => {
            lost::restore(&settings, which.blob, output)?;
        }
        StoreCommand::Lost(LostCommand::Delete { which, .. }) => lost::delete(&settings, which.blob, output)?,
        StoreCommand::Account(command) => accounts::run(&settings, command, output)?,
        StoreCommand::Policy(PolicyCommand::Explain {
            principal,
            action,
            resource,
            context,
            json,
            ..
        }) => {
            let mut values = BTreeMap::<String, Vec<String>>::new();
            for (key, value) in context {
                values.entry(key).or_default().push(value);
            }
            let job = Explain {
                principal,
                action,
                resource,
                context: values,
            };
            explain::run(&settings, job, json, output)?;
        }
        StoreCommand::Quota(command) => quotas::run(&settings, command, output)?,
        StoreCommand::Usage(flags) => usage::run(&settings, *flags, output)?,
        StoreCommand::Verify(flags) => verify::run(&settings, flags, output)?,
        StoreCommand::Rewrap(flags) => rewrap::run(&settings, flags, output)?,
        StoreCommand::Bucket(BucketCommand::RewrapKeys { .. }) => rewrap_keys::run(&settings, output)?,
        StoreCommand::Bucket(BucketCommand::Shred {
            name,
            yes_shred,
            with_locked,
            ..
        }) => {
            shred::run(&settings, name, yes_shred.as_deref(), with_locked, output)?;
        }
    }
    Ok(())
}
