//! `strongroom unseal get`: writes the content of an object.

use std::io::Write;
use std::ops::Range;

use futures::StreamExt as _;
use strongroom_engine::{Engine, Error};

use super::after_damage;
use super::chunks::Chunks;
use super::damage::{Damage, is_damage};
use super::destination::Destination;
use super::error::UnsealError;
use super::object_to_open::ObjectToOpen;
use crate::cli::unseal::GetFlags;
use crate::terminal::progress::{self, Progress};

pub(super) async fn run(
    engine: &Engine,
    flags: &GetFlags,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let object = ObjectToOpen::of(&flags.object)?;
    let chunks = object.chunks(engine).await?;
    let range = match flags.range {
        Some(range) => range
            .0
            .within(chunks.length())
            .map_err(|error| object.refused(error))?,
        None => 0..chunks.length(),
    };
    let mut destination = Destination::open(&flags.out, output)?;
    let mut progress = Progress::on_stderr();
    let progressed = |at: u64| {
        // Show progress only on a terminal: in a file it would be noise between error messages.
        if progress.is_terminal() {
            progress.tell(|| how_far(at - range.start, range.end - range.start));
        }
    };
    let copied = copy(
        engine,
        &object,
        &chunks,
        range.clone(),
        &mut destination,
        progressed,
    )
    .await;
    drop(progress);
    let Some(Unopened { at, error }) = copied? else {
        return Ok(destination.finish()?);
    };
    if !is_damage(&error) {
        return Err(object.refused(error));
    }
    let again = after_damage::opens_again(engine, &object, &chunks, at, range.end).await;
    let kept = if flags.keep_part {
        destination.keep()?
    } else {
        None
    };
    Err(UnsealError::Damaged(Box::new(Damage {
        object: flags.object.key.clone(),
        at,
        kept,
        again,
        source: error,
    })))
}

fn how_far(done: u64, total: u64) -> String {
    let (share, done, total) = (
        progress::share(done, total),
        progress::bytes(done),
        progress::bytes(total),
    );
    format!("{share}  {done} of {total}")
}

/// End of what could be opened.
struct Unopened {
    /// First byte that was not written.
    at: u64,
    error: Error,
}

/// Writes a range of an object. Returns where it ended if not all of it could be opened.
async fn copy(
    engine: &Engine,
    object: &ObjectToOpen,
    chunks: &Chunks,
    range: Range<u64>,
    destination: &mut Destination<'_, impl Write>,
    mut progressed: impl FnMut(u64),
) -> Result<Option<Unopened>, UnsealError> {
    let mut at = range.start;
    // Pieces are larger than chunks: after an error, the chunks of the failed piece are read one by one.
    let error = match object.content(engine, range.clone()).await {
        Err(error) => error,
        Ok(mut content) => loop {
            match content.next().await {
                None => return Ok(None),
                Some(Ok(bytes)) => {
                    destination.write(&bytes)?;
                    at += bytes.len() as u64;
                    progressed(at);
                }
                Some(Err(error)) => break error,
            }
        },
    };
    if !is_damage(&error) {
        return Ok(Some(Unopened { at, error }));
    }
    while at < range.end {
        let chunk = at..chunks.around(at).end.min(range.end);
        match object.chunk(engine, chunk.clone()).await {
            Ok(bytes) => destination.write(&bytes)?,
            Err(error) => return Ok(Some(Unopened { at, error })),
        }
        at = chunk.end;
        progressed(at);
    }
    // The one chunk of an empty object did not open.
    Ok(range.is_empty().then_some(Unopened { at, error }))
}
