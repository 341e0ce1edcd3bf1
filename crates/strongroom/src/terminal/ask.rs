//! Asking at the terminal for what nobody may see.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use zeroize::Zeroizing;

/// Longest line that is taken.
const LONGEST: usize = 4096;

const INTERRUPT: u8 = 0x03;
const END_OF_INPUT: u8 = 0x04;
const ERASE_LINE: u8 = 0x15;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;

/// Asks for a line that is not shown as it is typed; `None` when this process has no terminal. Standard input and output
/// are left alone, so they may lead elsewhere.
///
/// # Errors
/// [`io::ErrorKind::Interrupted`] when the person gives up, with Ctrl-C.
pub(crate) fn ask_in_secret(prompt: &str) -> io::Result<Option<Zeroizing<String>>> {
    let Ok(mut terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Ok(None);
    };
    terminal.write_all(prompt.as_bytes())?;
    let line = {
        let silence = Silence::on(&terminal)?;
        read_line(silence.terminal)
    };
    // What ended the line was not shown either.
    terminal.write_all(b"\n")?;
    line.map(Some)
}

/// Keeps the terminal from showing what is typed, until it is dropped. What is typed arrives byte by byte, Ctrl-C too:
/// as a signal it would end the process, and leave the terminal silent.
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
        // What was typed ahead was shown: it is thrown away.
        termios::tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing any more.
        let _ = termios::tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

fn read_line(mut keys: impl Read) -> io::Result<Zeroizing<String>> {
    // Room at once: growing would leave copies behind that are not wiped.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while line.len() < LONGEST && keys.read(&mut *byte)? == 1 {
        match byte[0] {
            b'\n' | b'\r' | END_OF_INPUT => break,
            INTERRUPT => return Err(io::Error::new(io::ErrorKind::Interrupted, "given up")),
            ERASE_LINE => line.clear(),
            // All bytes of the last character: those that continue one begin with the bits 10.
            BACKSPACE | DELETE => while line.pop().is_some_and(|last| last & 0xc0 == 0x80) {},
            typed => line.push(typed),
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| io::Error::other("what was typed is not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests;
