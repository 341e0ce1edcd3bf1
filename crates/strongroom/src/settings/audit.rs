//! Settings of the audit log.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use strongroom_audit::{Categories, Category};

use super::layered::layer;
use super::paths::absolute;
use super::value::{ValueError, number, parsed_values, text_values};

layer! {
    /// The audit log settings given by one source.
    struct AuditLayer, shown from audit: Audit {
        /// Write a line to the audit log for every use of a key [default: true].
        #[arg(value_name = "BOOLEAN", hide_possible_values = true)]
        enabled["audit-enabled"]: Option<bool> = audit.enabled.to_string(),
        /// Directory of the audit log [default: audit in the data directory].
        #[arg(value_name = "DIRECTORY")]
        directory["audit-directory"]: Option<PathBuf> = audit.directory.display().to_string(),
        /// Size in MiB at which a new audit log file is started [default: 64].
        #[arg(value_name = "MIB")]
        rotate_mib["audit-rotate-mib"]: Option<RotateMib> = audit.rotate_mib.0.to_string(),
        /// Number of audit log files to keep besides the current one, or all [default: all].
        #[arg(value_name = "FILES")]
        keep["audit-keep"]: Option<AuditKeep> = audit.keep.to_string(),
        /// Requests of which a line is written too: reads, writes, settings (several separated by commas), all or none [default: writes,settings].
        #[arg(value_name = "CATEGORIES")]
        requests["audit-requests"]: Option<AuditRequests> = audit.requests.0.to_string(),
    }
}

/// The log of every use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) enabled: bool,
    /// Directory of the log files.
    pub(crate) directory: PathBuf,
    /// Size at which a new file is started.
    pub(crate) rotate_mib: RotateMib,
    /// Number of files to keep besides the current one.
    pub(crate) keep: AuditKeep,
    /// Categories of requests that are recorded.
    pub(crate) requests: AuditRequests,
}

/// Categories of requests of which a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct AuditRequests(pub(crate) Categories);

number! {
    /// Size in MiB at which a new audit log file is started. At most one tebibyte: more than anybody wants to read.
    RotateMib: 1 to 1_048_576 "MiB"
}

/// Number of audit log files to keep besides the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "KeepText")]
pub(crate) enum AuditKeep {
    All,
    /// At least 1.
    Files(usize),
}

/// Value as written in the settings file: a number or a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeepText {
    Number(u64),
    Word(String),
}

impl AuditLayer {
    /// Fills in defaults. The directory is in `data_dir` by default; a relative one starts at `directory`.
    pub(super) fn complete(self, directory: &Path, data_dir: &Path) -> Audit {
        let given = self.directory.map(|path| absolute(directory, &path));
        Audit {
            enabled: self.enabled.unwrap_or(true),
            directory: given.unwrap_or_else(|| data_dir.join("audit")),
            rotate_mib: self.rotate_mib.unwrap_or(RotateMib(64)),
            keep: self.keep.unwrap_or(AuditKeep::All),
            requests: self.requests.unwrap_or_else(|| {
                AuditRequests([Category::Writes, Category::Settings].into_iter().collect())
            }),
        }
    }
}

impl RotateMib {
    pub(crate) fn bytes(self) -> u64 {
        self.0 << 20
    }
}

impl AuditKeep {
    /// Returns the maximum number of old files. `None`: all are kept.
    pub(crate) fn files(self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Files(count) => Some(count),
        }
    }
}

impl TryFrom<KeepText> for AuditKeep {
    type Error = ValueError;

    fn try_from(text: KeepText) -> Result<Self, ValueError> {
        match text {
            KeepText::Number(count) => count.to_string().parse(),
            KeepText::Word(word) => word.parse(),
        }
    }
}

impl FromStr for AuditKeep {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.parse() {
            Ok(count @ 1..) => Ok(Self::Files(count)),
            Err(_) if text == "all" => Ok(Self::All),
            _ => Err(ValueError(
                "write the number of old files to keep, 1 or more, or all",
            )),
        }
    }
}

impl fmt::Display for AuditKeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Files(count) => count.fmt(f),
        }
    }
}

impl FromStr for AuditRequests {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let named = |name: &str| Category::ALL.into_iter().find(|category| category.name() == name);
        let categories = match text {
            "all" => Some(Category::ALL.into_iter().collect()),
            "none" => Some(Categories::default()),
            list => list.split(',').map(|name| named(name.trim())).collect(),
        };
        let wrong = ValueError(
            "write reads, writes, settings, or several of them separated by commas; or all; or none",
        );
        categories.map(Self).ok_or(wrong)
    }
}

parsed_values!(AuditKeep);
text_values!(AuditRequests);
