//! Parts of requests. Each is read once.

pub(crate) mod actor;
pub(crate) mod body;
pub(crate) mod buffers;
pub(crate) mod checksum;
pub(crate) mod conditions;
pub(crate) mod context;
pub(crate) mod customer_key;
pub(crate) mod document;
pub(crate) mod encoded_words;
pub(crate) mod extracted;
pub(crate) mod hoisted;
pub(crate) mod host;
pub(crate) mod new_object;
pub(crate) mod operation;
pub(crate) mod payload;
pub(crate) mod range;
pub(crate) mod record;
pub(crate) mod shares;
pub(crate) mod signer;
pub(crate) mod sse;
pub(crate) mod tag_header;
pub(crate) mod target;
pub(crate) mod trailers;
pub(crate) mod transport;
pub(crate) mod turns;
