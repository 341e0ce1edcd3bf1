//! Tests with third-party servers and tokens: OpenBao, moto's AWS KMS, SoftHSM.
//!
//! `./test unit` installs these programs and names their directory in `KMS_TEST_PROGRAMS`. Without that variable the
//! tests are skipped, with a message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test ends with a panic when something is not as expected, and says when it is skipped"
)]

mod moto;
mod openbao;
mod program;
mod softhsm;
