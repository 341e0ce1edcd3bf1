//! `strongroom unseal list`: lists buckets or objects.

use std::io::{self, Write};

use serde_json::json;
use strongroom_engine::Engine;
use strongroom_engine::operator::survey::{SurveyedSummary, SurveyedVersion};

use super::error::UnsealError;
use super::text;
use crate::cli::unseal::ListFlags;
use crate::terminal::printable::printable;

pub(super) async fn run(
    engine: &Engine,
    flags: &ListFlags,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let mut listing = Listing {
        output,
        json: flags.json,
        versions: flags.versions,
        damaged: 0,
    };
    match &flags.bucket {
        None => listing.buckets(engine).await?,
        Some(bucket) => {
            let prefix = flags.prefix.as_deref().unwrap_or_default();
            engine
                .survey(bucket, prefix, |version| listing.version(&version))
                .await?;
        }
    }
    match listing.damaged {
        0 => Ok(()),
        damaged => Err(UnsealError::DamagedRows(damaged)),
    }
}

struct Listing<'a, W: Write> {
    output: &'a mut W,
    json: bool,
    versions: bool,
    damaged: u64,
}

impl<W: Write> Listing<'_, W> {
    async fn buckets(&mut self, engine: &Engine) -> Result<(), UnsealError> {
        for bucket in engine.survey_buckets().await? {
            match bucket.info {
                Ok(info) if self.json => {
                    let json = json!({"bucket": info.name, "created": text::time(info.created)});
                    writeln!(self.output, "{json}")?;
                }
                Ok(info) => writeln!(self.output, "{}  {}", text::time(info.created), info.name)?,
                Err(error) => self.damaged(&bucket.name, &error),
            }
        }
        Ok(())
    }

    fn version(&mut self, found: &SurveyedVersion) -> Result<(), UnsealError> {
        let summary = match &found.summary {
            Ok(summary) => summary,
            Err(error) => {
                self.damaged(&found.object, error);
                return Ok(());
            }
        };
        if self.versions || (found.is_latest && summary.mode.is_some()) {
            self.line(found, summary)?;
        }
        Ok(())
    }

    fn line(&mut self, found: &SurveyedVersion, summary: &SurveyedSummary) -> io::Result<()> {
        let modified = text::time(summary.modified);
        if self.json {
            let json = json!({
                "key": found.object,
                "version": summary.version.to_string(),
                "latest": found.is_latest,
                "deleted": summary.mode.is_none(),
                "length": summary.length,
                "modified": modified,
                "mode": summary.mode.map(text::mode),
                "kms_key": summary.kms_key,
            });
            return writeln!(self.output, "{json}");
        }
        let mode = summary.mode.map_or("deleted", text::mode);
        let version = if self.versions {
            format!("  {:<32}", summary.version.to_string())
        } else {
            String::new()
        };
        let key = printable(&found.object);
        writeln!(
            self.output,
            "{modified:<27}  {:>15}  {mode:<7}{version}  {key}",
            summary.length
        )
    }

    fn damaged(&mut self, name: &str, error: &strongroom_engine::Error) {
        self.damaged += 1;
        // If even this write fails, the exit code still reports the damage.
        let _ = writeln!(io::stderr(), "strongroom: {name:?}: {error}");
    }
}
