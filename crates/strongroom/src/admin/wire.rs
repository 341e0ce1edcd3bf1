//! Headers, media types and limits of the HTTP interface, for both sides.

/// Header with the version of the program that sends the request. Other clients need not send it.
pub(super) const VERSION_HEADER: &str = "strongroom-version";
/// Version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Media type of requests, of errors, and of responses that are one document.
pub(super) const JSON: &str = "application/json";
/// Media type of responses with a line for each event.
pub(super) const JSON_LINES: &str = "application/x-ndjson";
/// Maximum length in bytes of the body of a request, of a line and of a document. A key of 1024 bytes takes six times
/// that if every byte is escaped.
pub(super) const MAX_DOCUMENT: usize = 64 * 1024;
