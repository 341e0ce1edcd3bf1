//! The server: started, listening, ended in order.

mod assemble;
mod banner;
mod connection;
mod listen;
pub(crate) mod memory;
mod open_files;
pub(crate) mod serve;
pub(crate) mod tls;
