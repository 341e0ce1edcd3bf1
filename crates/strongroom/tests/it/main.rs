//! Tests of the built program.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in tests a panic is the answer"
)]

mod command;
mod imports;
