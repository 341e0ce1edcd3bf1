//! `strongroom status`.

use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::show_store::ShowStore;
use crate::settings::Settings;
use crate::terminal::time;

pub(super) fn run(settings: &Settings, head: bool, output: &mut impl Write) -> Result<(), CommandError> {
    let shown = client::run_without_rows(settings, ShowStore {})?;
    let number = shown.commit.unwrap_or_default();
    let chain = shown.chain.unwrap_or_default();
    if head {
        writeln!(output, "{} {number} {chain}", shown.id)?;
        return Ok(());
    }
    let served = if shown.is_served {
        "a server has it open"
    } else {
        "no server has it open"
    };
    writeln!(output, "Store        {}: {served}", shown.id)?;
    writeln!(output, "Last commit  {number}, chain value {chain}")?;
    if let Some(history) = shown.history {
        writeln!(
            output,
            "History      every state since commit {} of {}, {} MiB",
            history.commit,
            time::of_seconds(history.since),
            history.bytes.div_ceil(1 << 20)
        )?;
    }
    Ok(())
}
