//! The compared ways to make a blob durable.

use crate::buffer::{Aligned, round_up};
use rustix::fs::{AtFlags, CWD, FallocateFlags, Mode, OFlags};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

const PIECE: usize = 512 << 10;
const SEGMENT: u64 = 256 << 20;

/// Birth of the file of a blob.
#[derive(Clone, Copy, PartialEq)]
pub enum Birth {
    /// A file in tmp/, renamed to the blob's folder.
    Renamed,
    /// A file in the blob's folder, renamed in there.
    InPlace,
    /// `O_TMPFILE` and `linkat`.
    Linked,
}

/// Syncs of a blob.
#[derive(Clone, Copy, PartialEq)]
pub enum Syncs {
    /// The file, then its name, then the folder: two commits of the file system's journal.
    NameAfter,
    /// The name, then file and folder: one commit.
    NameBefore,
    /// The name, then one `syncfs` for all writers that wait.
    Shared,
}

#[derive(Clone, Copy)]
pub struct Files {
    pub birth: Birth,
    pub syncs: Syncs,
    pub direct: bool,
    pub allocate: bool,
}

#[derive(Clone, Copy)]
pub enum Layout {
    Files(Files),
    /// Blobs one after the other in an allocated file for each writer.
    Segments {
        direct: bool,
    },
}

/// One writer.
pub struct Writer<'a> {
    pub layout: Layout,
    pub root: &'a Path,
    pub group: &'a Group,
    pub name: String,
    buffer: Aligned,
    segment: Option<(File, u64, u32)>,
}

impl<'a> Writer<'a> {
    pub fn new(layout: Layout, root: &'a Path, group: &'a Group, name: String) -> Self {
        let buffer = Aligned::new(PIECE);
        Self {
            layout,
            root,
            group,
            name,
            buffer,
            segment: None,
        }
    }

    /// Writes a blob, and returns its file and offset.
    pub fn put(&mut self, number: u32, body: &[u8]) -> io::Result<(PathBuf, u64)> {
        match self.layout {
            Layout::Files(files) => self.put_file(files, number, body).map(|path| (path, 0)),
            Layout::Segments { direct } => self.append(direct, body),
        }
    }

    fn put_file(&mut self, how: Files, number: u32, body: &[u8]) -> io::Result<PathBuf> {
        let shard = self
            .root
            .join(format!("{:02x}", number.wrapping_mul(0x9e37_79b9) >> 24));
        let place = shard.join(format!("{}-{number:08}", self.name));
        let draft = match how.birth {
            Birth::Renamed => self.root.join("tmp").join(format!("{}-{number}", self.name)),
            Birth::InPlace => shard.join(format!("{}-{number}.new", self.name)),
            Birth::Linked => shard.clone(),
        };
        let flags = match how.birth {
            Birth::Linked => OFlags::TMPFILE,
            _ => OFlags::CREATE | OFlags::EXCL,
        } | if how.direct {
            OFlags::DIRECT
        } else {
            OFlags::empty()
        };
        let mode = Mode::RUSR | Mode::WUSR;
        let file = File::from(rustix::fs::open(
            &draft,
            flags | OFlags::WRONLY | OFlags::CLOEXEC,
            mode,
        )?);
        if how.allocate {
            rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, round_up(body.len()) as u64)?;
        }
        self.write(&file, how.direct, 0, body)?;
        if how.syncs == Syncs::NameAfter {
            file.sync_data()?;
        }
        match how.birth {
            Birth::Linked => {
                let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
                rustix::fs::linkat(CWD, descriptor, CWD, &place, AtFlags::SYMLINK_FOLLOW)?;
            }
            _ => fs::rename(&draft, &place)?,
        }
        match how.syncs {
            Syncs::NameAfter => {}
            Syncs::NameBefore => file.sync_data()?,
            Syncs::Shared => return self.group.sync(self.root).map(|()| place),
        }
        File::open(&shard)?.sync_all()?;
        Ok(place)
    }

    fn append(&mut self, direct: bool, body: &[u8]) -> io::Result<(PathBuf, u64)> {
        let length = round_up(body.len()) as u64;
        let (file, at, number) = match self.segment.take() {
            Some(segment) if segment.1 + length <= SEGMENT => segment,
            last => {
                let number = last.map_or(0, |(_, _, number)| number + 1);
                let flags = if direct { OFlags::DIRECT } else { OFlags::empty() };
                let flags = flags | OFlags::CREATE | OFlags::WRONLY;
                let file = File::from(rustix::fs::open(
                    self.segment_path(number),
                    flags,
                    Mode::RUSR | Mode::WUSR,
                )?);
                rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, SEGMENT)?;
                file.sync_all()?;
                (file, 0, number)
            }
        };
        self.write(&file, direct, at, body)?;
        file.sync_data()?;
        self.segment = Some((file, at + length, number));
        Ok((self.segment_path(number), at))
    }

    fn segment_path(&self, number: u32) -> PathBuf {
        self.root.join(format!("segment-{}-{number}", self.name))
    }

    fn write(&mut self, file: &File, direct: bool, mut at: u64, body: &[u8]) -> io::Result<()> {
        for piece in body.chunks(PIECE) {
            if direct {
                let length = round_up(piece.len());
                let buffer = &mut self.buffer.bytes()[..length];
                buffer[..piece.len()].copy_from_slice(piece);
                buffer[piece.len()..].fill(0);
                file.write_all_at(buffer, at)?;
            } else {
                let mut file = io::BufWriter::with_capacity(64 << 10, At(file, at));
                file.write_all(piece)?;
                file.flush()?;
            }
            at += piece.len() as u64;
        }
        Ok(())
    }
}

struct At<'a>(&'a File, u64);

impl Write for At<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write_at(bytes, self.1)?;
        self.1 += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writers that share a `syncfs`.
#[derive(Default)]
pub struct Group {
    /// Number of begun and of ended syncs.
    state: Mutex<(u64, u64)>,
    ended: Condvar,
}

impl Group {
    fn sync(&self, root: &Path) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        // A sync that began before this call does not cover it.
        let wanted = state.0 + 1;
        while state.1 < wanted {
            if state.0 > state.1 {
                state = self.ended.wait(state).unwrap();
                continue;
            }
            state.0 += 1;
            drop(state);
            rustix::fs::syncfs(File::open(root)?)?;
            state = self.state.lock().unwrap();
            state.1 += 1;
            self.ended.notify_all();
        }
        Ok(())
    }
}
