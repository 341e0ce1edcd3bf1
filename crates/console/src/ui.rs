//! Parts of pages.

pub(crate) mod badge;
pub(crate) mod icon;
pub(crate) mod key_dialog;
pub(crate) mod layout;
pub(crate) mod message;
pub(crate) mod path;
