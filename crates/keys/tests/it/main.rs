//! Other people's servers and tokens, as they are: OpenBao, moto's AWS KMS, SoftHSM.
//!
//! They are there when `./test unit` runs these tests; it installs them and names the place in
//! `KMS_TEST_PROGRAMS`. Without that variable the tests are skipped, and say so.

mod moto;
mod openbao;
mod program;
mod softhsm;
