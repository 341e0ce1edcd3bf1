//! `strongroom report keys`.

use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::report_keys::{ReportKeys, ReportRow};
use crate::commands::report::{self, Form, Uncounted};
use crate::settings::Settings;
use crate::terminal::printable::printable;

pub(super) fn run(settings: &Settings, form: Form, output: &mut impl Write) -> Result<(), CommandError> {
    let (mut usage, mut buckets) = (Vec::new(), Vec::new());
    let mut rows = |row| {
        match row {
            ReportRow::Usage(row) => usage.push(row),
            ReportRow::DamagedBucket(name) => buckets.push(name),
        }
        Ok(())
    };
    let damaged = client::run(settings, ReportKeys {}, &mut rows)?.damaged;
    let uncounted = Uncounted { damaged, buckets };
    report::write(form, &usage, &uncounted, output)?;
    match (damaged, &*uncounted.buckets) {
        (0, []) => Ok(()),
        (damaged, []) => Err(CommandError::Uncounted(damaged)),
        (damaged, buckets) => Err(CommandError::UncountedBuckets {
            buckets: printable(&buckets.join(", ")).into_owned(),
            damaged,
        }),
    }
}
