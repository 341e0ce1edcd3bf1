//! Reads secrets from the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use zeroize::Zeroizing;

/// Maximum length of a line in bytes.
const MAX_LINE: usize = 4096;

const INTERRUPT: u8 = 0x03;
const END_OF_INPUT: u8 = 0x04;
const ERASE_LINE: u8 = 0x15;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;

/// Asks for a line without showing it while it is typed. `None`: this process has no terminal. Uses neither standard
/// input nor standard output, which may be redirected.
///
/// # Errors
/// [`io::ErrorKind::Interrupted`] if the user cancels with Ctrl-C.
pub(crate) fn ask_in_secret(prompt: &str) -> io::Result<Option<Zeroizing<String>>> {
    let Ok(mut terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Ok(None);
    };
    terminal.write_all(prompt.as_bytes())?;
    let line = {
        let silence = Silence::on(&terminal)?;
        read_line(silence.terminal)
    };
    // The line end was not shown either.
    terminal.write_all(b"\n")?;
    line.map(Some)
}

/// Disables echo on the terminal until dropped. Input arrives byte by byte, including Ctrl-C: as a signal it would end
/// the process and leave the terminal without echo.
struct Silence<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn on(terminal: &'a File) -> io::Result<Self> {
        let before = termios::tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        // Discard input typed ahead, which was shown.
        termios::tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // If the terminal was closed, there is no echo to restore.
        let _ = termios::tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn read_line(mut keys: impl Read) -> io::Result<Zeroizing<String>> {
    // Allocate the whole buffer: growing would leave copies of the input behind that are not wiped.
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
    let mut byte = Zeroizing::new([0]);
    while line.len() < MAX_LINE && keys.read(&mut *byte)? == 1 {
        match byte[0] {
            b'\n' | b'\r' | END_OF_INPUT => break,
            INTERRUPT => return Err(io::Error::new(io::ErrorKind::Interrupted, "cancelled")),
            ERASE_LINE => line.clear(),
            // Remove all bytes of the last character: continuation bytes begin with the bits 10.
            BACKSPACE | DELETE => while line.pop().is_some_and(|last| last & 0xc0 == 0x80) {},
            typed => line.push(typed),
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| io::Error::other("the input is not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests;
