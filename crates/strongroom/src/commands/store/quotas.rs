//! `strongroom quota`.

use std::fmt::Write as _;
use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::quotas::{ClearQuota, Limits, SetQuota, ShowQuota, ShownQuota};
use crate::cli::quota::{OwnerFlags, QuotaCommand};
use crate::settings::Settings;
use crate::terminal::printable::printable;

pub(super) fn run(
    settings: &Settings,
    command: QuotaCommand,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        QuotaCommand::Set { of, limits, .. } => {
            let OwnerFlags { account, bucket } = of;
            let job = SetQuota {
                account,
                bucket,
                limits: Limits {
                    bytes: limits.bytes,
                    objects: limits.objects,
                    buckets: limits.buckets,
                    requests_per_second: limits.requests_per_second,
                    concurrency: limits.concurrency,
                },
            };
            let name = owner(job.account.as_ref(), job.bucket.as_ref());
            client::run_without_rows(settings, job)?;
            Ok(writeln!(output, "The limits of the {name} are set.")?)
        }
        QuotaCommand::Clear { of, .. } => {
            let OwnerFlags { account, bucket } = of;
            let name = owner(account.as_ref(), bucket.as_ref());
            client::run_without_rows(settings, ClearQuota { account, bucket })?;
            Ok(writeln!(output, "The {name} has no limits.")?)
        }
        QuotaCommand::Show { of, json, .. } => {
            let OwnerFlags { account, bucket } = of;
            let of_account = account.is_some();
            let shown = client::run_without_rows(settings, ShowQuota { account, bucket })?;
            if json {
                let line = serde_json::to_string(&shown).map_err(std::io::Error::from)?;
                return Ok(writeln!(output, "{line}")?);
            }
            Ok(output.write_all(table(&shown, of_account).as_bytes())?)
        }
    }
}

/// Formats limits and usage as a table.
fn table(shown: &ShownQuota, of_account: bool) -> String {
    let limit = |limit: Option<u64>| limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
    let ShownQuota {
        limits,
        bytes,
        objects,
        buckets,
    } = shown;
    let mut lines = vec![
        ("", "USED".to_owned(), "LIMIT".to_owned()),
        ("bytes", bytes.to_string(), limit(limits.bytes)),
        ("objects", objects.to_string(), limit(limits.objects)),
    ];
    if of_account {
        let none = || "-".to_owned();
        lines.push(("buckets", buckets.to_string(), limit(limits.buckets)));
        let rate = limits.requests_per_second.map(u64::from);
        lines.push(("requests per second", none(), limit(rate)));
        let at_once = limits.concurrency.map(u64::from);
        lines.push(("requests at once", none(), limit(at_once)));
    }
    let mut text = String::new();
    for (name, used, limit) in lines {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{name:19}  {used:>20}  {limit:>20}");
    }
    text
}

fn owner(account: Option<&String>, bucket: Option<&String>) -> String {
    match (account, bucket) {
        (Some(account), _) => format!("account {}", printable(account)),
        (None, bucket) => format!("bucket {}", printable(bucket.map_or("", String::as_str))),
    }
}
