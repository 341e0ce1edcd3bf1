//! Appends lines to files: chained, in order, with a size limit per file, durable on request.

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

/// Approximate number of bytes per write.
const AT_A_TIME: usize = 1 << 20;
/// Maximum number of bytes of an incomplete line to keep. No written line is longer.
const MAX_TORN: usize = 64 << 10;

/// Directory of the log, with rotation settings.
#[derive(Debug, Clone)]
pub struct LogDirectory {
    /// Path of the directory.
    pub path: PathBuf,
    /// Size in bytes at which the next file is started.
    pub rotate_at: u64,
    /// Number of files to keep besides the current one. `None`: all.
    pub keep: Option<usize>,
}

/// Writer at the end of the log.
pub(super) struct Writer {
    directory: LogDirectory,
    clock: Clock,
    chain: Chain,
    /// Current file. `None`: not created yet.
    file: Option<Current>,
    /// Lines that are in the chain but not completely in the file.
    pending: Pending,
    /// True if the file may have data that is not on the disk.
    is_dirty: bool,
    /// True if the closing line is in the chain.
    has_ended: bool,
    /// Newest event that is repeated in each file.
    repeated: Option<Text>,
    _lock: File,
}

/// Bytes to write to a file. A write that stops in the middle of a line is continued from there.
#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    /// Number of bytes already in the file.
    done: usize,
}

impl Pending {
    /// Writes the remaining bytes and adds their number to `length`.
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
    /// Expected length in bytes.
    length: u64,
}

impl Current {
    /// Returns whether the file is still at its path, and nobody else has written to it or truncated it.
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
    /// Continues at the end of the log, with a line that records it. Durable on return.
    pub(super) fn open(directory: LogDirectory, clock: Clock) -> io::Result<Self> {
        let lock = files::lock(&directory.path)?;
        let end = resume::find(&directory.path)?;
        let mut writer = Self {
            directory,
            clock,
            chain: end.chain,
            file: None,
            pending: Pending::default(),
            is_dirty: false,
            has_ended: false,
            repeated: None,
            _lock: lock,
        };
        if end.is_spoiled {
            tracing::error!(
                alarm = "audit",
                file = end.file.as_ref().map(LogFile::name),
                "the last line of the audit log was not written by Strongroom, was changed, or lost its beginning in a \
                 power cut: run strongroom audit verify"
            );
        }
        if let Some(at) = end.file {
            let file = at.append()?;
            if matches!(end.rest, Rest::Torn { .. }) {
                file.set_len(end.length)?;
            }
            let length = end.length;
            // A file without a complete line is started again under the same name.
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
                "the last line of the audit log was incomplete; it is kept as a separate event"
            );
            let kept = beginning.get(..MAX_TORN.min(beginning.len())).unwrap_or_default();
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

    /// Writes lines and removes them from `lines`. A failed write is continued at the next call where it stopped:
    /// nothing is lost, and nothing written twice. Calls `removed` with the number of lines and bytes removed; while the
    /// disk fails, it removes no more than one write's worth.
    pub(super) fn write(
        &mut self,
        lines: &mut VecDeque<Text>,
        mut removed: impl FnMut(usize, usize),
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
                if line.is_repeated {
                    self.repeated = Some(line);
                }
            }
            removed(count, bytes);
            self.flush()?;
        }
        Ok(())
    }

    /// Makes written lines durable.
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

    /// Closes the log with a final line. Durable on return; a failed attempt is continued at the next call.
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
            "audit log closed"
        );
        Ok(())
    }

    /// Returns how many bytes may be pending before the file is checked again, because it may be full then.
    fn room(&self) -> usize {
        let length = self.file.as_ref().map_or(0, |current| current.length);
        let left = self.directory.rotate_at.saturating_sub(length);
        usize::try_from(left).unwrap_or(AT_A_TIME).clamp(1, AT_A_TIME)
    }

    fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        let text = Text::of_mark((self.clock)(), mark)?;
        self.chain.add(&text, &mut self.pending.lines);
        self.flush()
    }

    /// Writes the pending bytes.
    fn flush(&mut self) -> io::Result<()> {
        let Some(current) = &mut self.file else {
            return Ok(());
        };
        self.is_dirty |= !self.pending.lines.is_empty();
        self.pending.write(&mut current.file, &mut current.length)
    }

    /// Ensures that there is a file to write to: the current one, or a new one if it is full or was tampered with.
    fn make_ready(&mut self) -> io::Result<()> {
        if let Some(current) = &self.file {
            let is_ours = current.is_ours()?;
            if is_ours && current.length < self.directory.rotate_at {
                return Ok(());
            }
            if is_ours {
                self.sync()?;
                tracing::info!(
                    sequence = self.chain.next - 1,
                    head = hex::encode(self.chain.head),
                    "audit log continues in another file"
                );
            } else {
                tracing::error!(
                    alarm = "audit",
                    file = %current.at.path.display(),
                    "another program removed or changed the audit log file; the log continues in another one"
                );
            }
            self.file = None;
        }
        self.begin()?;
        self.remove_old()
    }

    fn begin(&mut self) -> io::Result<()> {
        files::make_directory(&self.directory.path)?;
        let at = LogFile::new(&self.directory.path, self.chain.next);
        let file = at.append()?;
        let length = file.metadata()?.len();
        files::sync(&self.directory.path)?;
        self.file = Some(Current { file, at, length });
        self.mark(&Mark::Begin { format: FORMAT })?;
        if let Some(text) = &self.repeated {
            self.chain.add(text, &mut self.pending.lines);
        }
        self.flush()
    }

    /// Deletes the oldest files beyond the number to keep, each after its event is durable.
    fn remove_old(&mut self) -> io::Result<()> {
        let Some(keep) = self.directory.keep else {
            return Ok(());
        };
        let files = files::list(&self.directory.path)?;
        // The last file is the current one.
        let surplus = files.len().saturating_sub(keep + 1);
        for (old, next) in files.iter().zip(files.iter().skip(1)).take(surplus) {
            self.mark(&Mark::Removed {
                file: old.name(),
                last: next.first.saturating_sub(1),
            })?;
            self.sync()?;
            if let Err(error) = fs::remove_file(&old.path) {
                tracing::warn!(%error, file = %old.path.display(), "cannot delete an old audit log file");
            }
        }
        Ok(())
    }
}
