//! AWS signature version 4 of requests, and the XML of their error documents.
//! (AWS IAM User Guide, "AWS Signature Version 4 for API requests" and "Create a signed AWS API request".)
//!
//! A server reads the [`Signature`](signature::Signature) from the head of a request in one strict form, checks its
//! [`date`] and the headers that it covers, looks up the secret of the access key, and then [`verify`]s it. All of this
//! is pure; looking up the secret is done by the caller.
//!
//! If two parsers read a signature differently, an attacker can have one request signed and another one executed. So
//! every other form than that of the specification is refused.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
pub mod xml;

pub mod query;

pub mod head;

pub mod scope;

pub mod error;

pub mod token;

pub mod signature;

pub mod date;

pub mod signing_key;

pub mod canonical;

pub mod verify;
