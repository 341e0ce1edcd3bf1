//! Other people's servers and tokens, as they are: OpenBao, moto's AWS KMS, SoftHSM.
//!
//! They are there when `./test unit` runs these tests; it installs them and names the place in
//! `KMS_TEST_PROGRAMS`. Without that variable the tests are skipped, and say so.
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
