//! Settings of the operator: plain data, merged from a file, variables and flags.
//!
//! Each group of settings has one file, with the layer that a source gives ([`layered`]), the completed settings and their
//! defaults; [`general`] puts the groups together. The flags of `strongroom serve`, the variables, the settings file and
//! `check-config` all follow from the layers.

mod audit;
mod console;
mod error;
mod general;
mod kms;
mod layered;
mod limits;
mod listeners;
mod load;
mod memory;
mod oidc;
mod paths;
mod report;
mod root;
mod show;
mod sse_c;
mod store;
mod value;
mod values;
mod variables;

pub(crate) use error::SettingsError;
pub(crate) use general::{Layer, LogFormat, LogLevel, Settings};
pub(crate) use kms::Kms as KmsSettings;
pub(crate) use kms::service::KmsSource;
pub(crate) use listeners::CertificateFiles;
pub(crate) use load::{Loaded, Sources, load};
pub(crate) use memory::MemoryLock;
pub(crate) use oidc::Oidc;
pub(crate) use report::report;
pub(crate) use root::{PassphraseFrom, Root, RootLayer, RootSourceName};
pub(crate) use values::credential_name::CredentialName;
pub(crate) use values::host::Host;
pub(crate) use values::listen::Listen;
pub(crate) use values::network::Network;
pub(crate) use values::region::Region;
pub(crate) use variables::process_environment;

#[cfg(test)]
mod tests;
