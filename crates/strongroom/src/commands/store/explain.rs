//! `strongroom policy explain`.

use std::io::{self, Write};

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::explain::{Explain, Explanation, Judged};
use crate::settings::Settings;

/// Runs the command.
pub(super) fn run(
    settings: &Settings,
    job: Explain,
    json: bool,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let explained = client::run_without_rows(settings, job)?;
    if json {
        let text = serde_json::to_string(&explained).map_err(io::Error::from)?;
        writeln!(output, "{text}")?;
    } else {
        page(&explained, output)?;
    }
    if explained.allowed {
        Ok(())
    } else {
        Err(CommandError::NotAllowed)
    }
}

fn page(explained: &Explanation, output: &mut impl Write) -> io::Result<()> {
    let decision = if explained.allowed { "Allowed" } else { "Denied" };
    // Names in it have no control characters, and a Sid is quoted.
    writeln!(output, "{decision}: {}", explained.reason)?;
    if !explained.statements.is_empty() {
        writeln!(output)?;
    }
    for statement in &explained.statements {
        let applies = match &statement.mismatch {
            None => "applies".to_owned(),
            Some(element) => format!("does not apply: {element}"),
        };
        writeln!(
            output,
            "{:<5}  {}  {}",
            statement.effect,
            named(statement),
            applies.escape_debug()
        )?;
    }
    if !explained.missing_keys.is_empty() {
        writeln!(
            output,
            "\nWithout a value: {}. Give one with --context KEY=VALUE.",
            explained.missing_keys.join(", ").escape_debug()
        )?;
    }
    Ok(())
}

/// Names a statement, its policy and the kind of the policy.
fn named(statement: &Judged) -> String {
    let sid = statement
        .sid
        .as_ref()
        .map_or_else(String::new, |sid| format!(" (Sid {sid:?})"));
    format!(
        "{}, {}, statement {}{sid}",
        statement.kind, statement.policy, statement.statement
    )
}
