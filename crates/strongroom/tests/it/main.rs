//! Tests of the built program.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the answer")]

mod command;
