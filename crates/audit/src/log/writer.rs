//! Puts lines into files: chained, in order, each file up to its size, durable when told.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::clock::Clock;
use super::files::{self, LogFile};
use super::line::{Chain, FORMAT, Mark, Text};
use super::resume::{self, Rest};

#[cfg(test)]
mod tests;

/// Bytes that are written at a time, about.
const AT_A_TIME: usize = 1 << 20;
/// Bytes of a torn line that are kept. No line of ours is longer.
const MOST_TORN: usize = 64 << 10;

/// Where the log lies, and how much of it.
#[derive(Debug, Clone)]
pub struct LogDirectory {
    /// Path of the directory.
    pub directory: PathBuf,
    /// Bytes after which a file is followed by the next.
    pub rotate_at: u64,
    /// How many files stay besides the one that is written to; none: all.
    pub keep: Option<usize>,
}

/// The end of the log, where lines are added.
pub(super) struct Writer {
    place: LogDirectory,
    clock: Clock,
    chain: Chain,
    /// The file that is written to, once there is one.
    file: Option<Current>,
    /// Lines that have their place in the chain, and are not all in the file.
    pending: Pending,
    /// There is something in the file that may not be on the disk.
    is_dirty: bool,
    /// The line that ends the log has its place.
    has_ended: bool,
    _lock: File,
}

/// Bytes on their way into a file. A write that breaks off in the middle of a line is gone on with where it did.
#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    /// Bytes of them that are in the file.
    done: usize,
}

impl Pending {
    /// Writes what is not written, and adds to the length of the file what is.
    fn write(&mut self, file: &mut impl Write, length: &mut u64) -> io::Result<()> {
        while let Some(rest) = self.lines.get(self.done..).filter(|rest| !rest.is_empty()) {
            match file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => {
                    self.done += bytes;
                    *length += bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.lines.clear();
        self.done = 0;
        Ok(())
    }
}

struct Current {
    file: File,
    at: LogFile,
    /// Bytes that it must have.
    length: u64,
}

impl Current {
    /// Whether it is still where it was, and nobody else has written to it or cut it.
    fn is_ours(&self) -> io::Result<bool> {
        let there = match fs::symlink_metadata(&self.at.path) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let open = self.file.metadata()?;
        Ok((there.dev(), there.ino(), there.len()) == (open.dev(), open.ino(), self.length))
    }
}

impl Writer {
    /// Goes on where the log ends, with a line that says so. Durable on return.
    pub(super) fn open(place: LogDirectory, clock: Clock) -> io::Result<Self> {
        let lock = files::lock(&place.directory)?;
        let end = resume::find(&place.directory)?;
        let mut writer = Self {
            place,
            clock,
            chain: end.chain,
            file: None,
            pending: Pending::default(),
            is_dirty: false,
            has_ended: false,
            _lock: lock,
        };
        if end.is_spoiled {
            tracing::error!(
                alarm = "audit",
                file = end.file.as_ref().map(LogFile::name),
                "the last line of the audit log was not written by this program, or was changed: run strongroom audit \
                 verify"
            );
        }
        if let Some(at) = end.file {
            let file = at.append()?;
            if matches!(end.rest, Rest::Torn { .. }) {
                file.set_len(end.length)?;
            }
            let length = end.length;
            // A file without a whole line is begun again, under the same name.
            if length > 0 {
                writer.file = Some(Current { file, at, length });
            }
        }
        if end.rest == Rest::WholeLine {
            writer.pending.lines.push(b'\n');
        }
        writer.flush()?;
        writer.make_ready()?;
        if let Rest::Torn { length, beginning } = end.rest {
            tracing::warn!(
                bytes = length,
                "the last line of the audit log was torn: it is kept in a line of its own kind"
            );
            let kept = beginning
                .get(..MOST_TORN.min(beginning.len()))
                .unwrap_or_default();
            writer.mark(&Mark::Torn {
                bytes: length,
                text: String::from_utf8_lossy(kept).into_owned(),
            })?;
        }
        writer.mark(&Mark::Start {
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })?;
        writer.sync()?;
        writer.remove_old()?;
        Ok(writer)
    }

    /// Writes lines, and takes them out of `lines`. What fails is tried again at the next call, where it broke off:
    /// nothing is lost, and nothing written twice. Tells `taken` how many lines, with how many bytes, it has taken out;
    /// as long as the disk fails it takes out no more than it writes at a time.
    pub(super) fn write(
        &mut self,
        lines: &mut VecDeque<Text>,
        mut taken: impl FnMut(usize, usize),
    ) -> io::Result<()> {
        self.flush()?;
        while !lines.is_empty() {
            self.make_ready()?;
            let room = self.room();
            let (mut count, mut bytes) = (0, 0);
            while self.pending.lines.len() < room
                && let Some(line) = lines.pop_front()
            {
                self.chain.add(&line, &mut self.pending.lines);
                count += 1;
                bytes += line.size();
            }
            taken(count, bytes);
            self.flush()?;
        }
        Ok(())
    }

    /// Makes what was written durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        if let Some(current) = self.file.as_ref().filter(|_| self.is_dirty) {
            current.file.sync_data()?;
        }
        self.is_dirty = false;
        Ok(())
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Ends the log with a line that says so. Durable on return; what fails is tried again at the next call.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        if !self.has_ended {
            self.make_ready()?;
            self.has_ended = true;
            self.mark(&Mark::Stop)?;
        }
        self.sync()?;
        tracing::info!(
            sequence = self.chain.next - 1,
            head = hex::encode(self.chain.head),
            "the audit log ends here for now"
        );
        Ok(())
    }

    /// Bytes that may be pending before the file is looked at again: it may be full then.
    fn room(&self) -> usize {
        let length = self.file.as_ref().map_or(0, |current| current.length);
        let left = self.place.rotate_at.saturating_sub(length);
        usize::try_from(left).unwrap_or(AT_A_TIME).clamp(1, AT_A_TIME)
    }

    fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        let text = Text::of_mark((self.clock)(), mark)?;
        self.chain.add(&text, &mut self.pending.lines);
        self.flush()
    }

    /// Writes what is pending.
    fn flush(&mut self) -> io::Result<()> {
        let Some(current) = &mut self.file else {
            return Ok(());
        };
        self.is_dirty |= !self.pending.lines.is_empty();
        self.pending.write(&mut current.file, &mut current.length)
    }

    /// Sees to it that there is a file to write to: the one there was, or the next if that is full or was meddled with.
    fn make_ready(&mut self) -> io::Result<()> {
        if let Some(current) = &self.file {
            let is_ours = current.is_ours()?;
            if is_ours && current.length < self.place.rotate_at {
                return Ok(());
            }
            if is_ours {
                self.sync()?;
                tracing::info!(
                    sequence = self.chain.next - 1,
                    head = hex::encode(self.chain.head),
                    "the audit log goes on in another file"
                );
            } else {
                tracing::error!(
                    alarm = "audit",
                    file = %current.at.path.display(),
                    "somebody else removed or changed the file of the audit log; it goes on in another one"
                );
            }
            self.file = None;
        }
        self.begin()?;
        self.remove_old()
    }

    fn begin(&mut self) -> io::Result<()> {
        files::make_directory(&self.place.directory)?;
        let at = LogFile::new(&self.place.directory, self.chain.next);
        let file = at.append()?;
        let length = file.metadata()?.len();
        files::sync(&self.place.directory)?;
        self.file = Some(Current { file, at, length });
        self.mark(&Mark::Begin { format: FORMAT })
    }

    /// Removes the oldest files but those that are kept, each after a line that says so is durable.
    fn remove_old(&mut self) -> io::Result<()> {
        let Some(keep) = self.place.keep else {
            return Ok(());
        };
        let files = files::list(&self.place.directory)?;
        // The last one is being written to.
        let surplus = files.len().saturating_sub(keep + 1);
        for (old, next) in files.iter().zip(files.iter().skip(1)).take(surplus) {
            self.mark(&Mark::Removed {
                file: old.name(),
                last: next.first.saturating_sub(1),
            })?;
            self.sync()?;
            if let Err(error) = fs::remove_file(&old.path) {
                tracing::warn!(%error, file = %old.path.display(), "cannot remove an old file of the audit log");
            }
        }
        Ok(())
    }
}
