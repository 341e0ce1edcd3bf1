//! Values that are parsed from text: addresses, names, networks, regions.

pub(crate) mod credential_name;
pub(crate) mod host;
pub(crate) mod listen;
pub(crate) mod network;
pub(crate) mod region;
