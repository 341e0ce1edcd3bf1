//! The web console: pages for people, made by the server, and the few requests that their scripts make.
//!
//! [`Console::answer`] is the entry point. Each request is judged by the crate `permission`, as a request of S3 is, and
//! uses keys through the same engine. A customer key is in a request as a header or in a form, and nowhere else; the pages
//! hold it in the memory of one tab.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod settings;

mod transport;

mod fetch_site;

mod headers;

mod compression;

mod assets;

mod text;

mod address;

mod attempts;

mod failure;

mod operation;

mod record;

mod sessions;

mod transfers;

mod customer_key;

mod app;

mod visitor;

mod onto_itself;

mod presigned;

mod cookie;

mod signing_in;

mod ui;

mod pages;

mod router;

mod front;

pub use app::Components;
pub use front::{Console, may_bring_key};
pub use settings::Settings;
pub use transport::Transport;
