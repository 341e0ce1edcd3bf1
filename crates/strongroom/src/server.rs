//! The server: starts all parts in order, listens, and stops them in order.

pub(crate) mod assemble;
mod banner;
mod connection;
mod console;
mod issuer_documents;
mod listen;
pub(crate) mod memory;
mod memory_size;
mod open_files;
mod reload;
pub(crate) mod serve;
mod services;
pub(crate) mod tls;
pub(crate) mod urls;
