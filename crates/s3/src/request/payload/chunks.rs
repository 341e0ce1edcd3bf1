//! aws-chunked bodies: the framing is removed, and signatures of chunks are verified, while the content passes.
//!
//! Content leaves before the signature of its chunk is known: a chunk may be as large as the client wants, and nothing is
//! held. A wrong signature makes the body end with an error, and content is committed only at the end of its body.
//! (AWS: "Signature calculations for the Authorization header: transferring a payload in multiple chunks", and the same
//! with trailing headers.)

use crate::request::payload::verified::Verifier;
use crate::request::trailers::Trailers;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context as Digest, SHA256, digest};
use bytes::{Buf as _, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue};
use strongroom_access::SecretAccessKey;
use strongroom_engine::BodyError;
use strongroom_sigv4::signing_key::SigningKey;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Maximum length of the line before a chunk, which holds its size and its signature, in bytes.
const MAX_LINE: usize = 1024;
/// Maximum length of all trailers, in bytes.
const MAX_TRAILERS: usize = 16 << 10;
const SIGNATURE: &str = ";chunk-signature=";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
/// SHA-256 of nothing, which the signed text of each chunk contains.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The chain of signatures of a body: each covers the one before it, the first that of the head.
pub(crate) struct ChunkKey {
    key: SigningKey,
    /// Date and scope, the second and third line of each text that is signed.
    of: String,
    previous: String,
}

impl ChunkKey {
    /// Starts the chain with the signature of the head.
    pub(crate) fn new(secret: &SecretAccessKey, date: &str, scope: &str, signature: &str) -> Self {
        Self {
            key: SigningKey::derive(secret, scope),
            of: format!("{date}\n{scope}"),
            previous: signature.to_owned(),
        }
    }

    /// Signs the next chunk, as clients do.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn sign(&mut self, content: &[u8]) -> String {
        let digests = format!("{HASH_OF_NOTHING}\n{}", hex::encode(digest(&SHA256, content)));
        self.previous = hex::encode(self.signature("PAYLOAD", &digests));
        self.previous.clone()
    }

    /// Computes the signature of a chunk or of the trailers. `digests` are the last lines of the signed text.
    fn signature(&self, kind: &str, digests: &str) -> Zeroizing<Vec<u8>> {
        let Self { key, of, previous } = self;
        key.sign(&format!("AWS4-HMAC-SHA256-{kind}\n{of}\n{previous}\n{digests}"))
    }

    /// Verifies the signature of a chunk or of the trailers, and continues the chain with it.
    fn verify(&mut self, kind: &str, digests: &str, given: &str) -> Result<(), BodyError> {
        let given_bytes = hex::decode(given).map_err(|_| BodyError::SignatureMismatch)?;
        verify_slices_are_equal(&self.signature(kind, digests), &given_bytes)
            .map_err(|_| BodyError::SignatureMismatch)?;
        given.clone_into(&mut self.previous);
        Ok(())
    }
}

/// Removes the framing of a body.
pub(crate) struct Chunks {
    /// Received bytes that were not looked at.
    unread: Bytes,
    state: State,
    /// `None`: chunks are not signed.
    key: Option<ChunkKey>,
    trailers: Trailers,
}

/// Position in the framing.
enum State {
    /// In the line before a chunk, with its bytes so far.
    Line(Vec<u8>),
    /// In a chunk.
    Data(Chunk),
    /// In the line end after a chunk, with the bytes that remain of it.
    LineEnd(&'static [u8]),
    /// After the last chunk, with the bytes of the trailers so far.
    Trailers(Vec<u8>),
}

struct Chunk {
    left: u64,
    /// `None`: chunks are not signed.
    signed: Option<Signed>,
}

struct Signed {
    /// SHA-256 of the bytes so far.
    digest: Digest,
    signature: String,
}

impl Chunks {
    /// Starts at the first chunk. `key`: chunks must be signed.
    pub(crate) fn new(key: Option<ChunkKey>, trailers: Trailers) -> Self {
        Self {
            unread: Bytes::new(),
            state: State::Line(Vec::new()),
            key,
            trailers,
        }
    }

    /// Parses the line before a chunk.
    fn begin(&mut self, line: &[u8]) -> Result<State, BodyError> {
        let line = std::str::from_utf8(line)
            .ok()
            .and_then(|line| line.strip_suffix("\r\n"));
        let line = line.ok_or_else(malformed)?;
        let (size, signature) = match line.split_once(SIGNATURE) {
            Some((size, signature)) => (size, Some(signature.to_owned())),
            None => (line, None),
        };
        if signature.is_some() != self.key.is_some() || !size.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let chunk = Chunk {
            left: u64::from_str_radix(size, 16).map_err(|_| malformed())?,
            signed: signature.map(|signature| Signed {
                digest: Digest::new(&SHA256),
                signature,
            }),
        };
        if chunk.left > 0 {
            return Ok(State::Data(chunk));
        }
        self.verify(chunk)?;
        Ok(State::Trailers(Vec::new()))
    }

    /// Verifies the signature of a chunk that was read.
    fn verify(&mut self, chunk: Chunk) -> Result<(), BodyError> {
        if let (Some(key), Some(Signed { digest, signature })) = (&mut self.key, chunk.signed) {
            let content = hex::encode(digest.finish());
            key.verify("PAYLOAD", &format!("{HASH_OF_NOTHING}\n{content}"), &signature)?;
        }
        Ok(())
    }
}

fn malformed() -> BodyError {
    BodyError::Malformed("the framing of a chunk or of the trailers cannot be read".to_owned())
}

impl Verifier for Chunks {
    const KEEPS_LENGTH: bool = false;

    fn push(&mut self, bytes: Bytes) {
        self.unread = bytes;
    }

    /// Follows the framing through the unread bytes.
    fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while let Some(first) = self.unread.first().copied() {
            match &mut self.state {
                State::Line(line) => {
                    self.unread.advance(1);
                    line.push(first);
                    if first == b'\n' {
                        let line = std::mem::take(line);
                        self.state = self.begin(&line)?;
                    } else if line.len() >= MAX_LINE {
                        return Err(malformed());
                    }
                }
                State::Data(chunk) => {
                    let here = usize::try_from(chunk.left)
                        .unwrap_or(usize::MAX)
                        .min(self.unread.len());
                    let content = self.unread.split_to(here);
                    if let Some(signed) = &mut chunk.signed {
                        signed.digest.update(&content);
                    }
                    chunk.left -= here as u64;
                    if chunk.left == 0
                        && let State::Data(chunk) =
                            std::mem::replace(&mut self.state, State::LineEnd(b"\r\n"))
                    {
                        self.verify(chunk)?;
                    }
                    return Ok(Some(content));
                }
                State::LineEnd([expected, rest @ ..]) if *expected == first => {
                    self.unread.advance(1);
                    self.state = if rest.is_empty() {
                        State::Line(Vec::new())
                    } else {
                        State::LineEnd(rest)
                    };
                }
                State::LineEnd(_) => return Err(malformed()),
                State::Trailers(trailers) => {
                    if trailers.len() + self.unread.len() > MAX_TRAILERS {
                        return Err(malformed());
                    }
                    trailers.extend_from_slice(&std::mem::take(&mut self.unread));
                }
            }
        }
        Ok(None)
    }

    /// Verifies and publishes the trailers.
    fn end(mut self) -> Result<(), BodyError> {
        let State::Trailers(text) = self.state else {
            return Err(BodyError::Incomplete);
        };
        if text.is_empty() || text == b"\r\n" {
            return Ok(());
        }
        let text = std::str::from_utf8(&text).map_err(|_| malformed())?;
        let mut fields = Vec::new();
        for line in text
            .split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line))
        {
            if !line.is_empty() {
                let (name, value) = line.split_once(':').ok_or_else(malformed)?;
                fields.push((name.to_ascii_lowercase(), value.trim_ascii()));
            }
        }
        fields.sort();
        let (signatures, fields): (Vec<_>, Vec<_>) = fields
            .into_iter()
            .partition(|(name, _)| name == TRAILER_SIGNATURE);
        if let Some(key) = &mut self.key {
            let lines: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}:{value}\n"))
                .collect();
            let (_, signature) = signatures.first().ok_or_else(malformed)?;
            key.verify(
                "TRAILER",
                &hex::encode(digest(&SHA256, lines.concat().as_bytes())),
                signature,
            )?;
        }
        let mut trailers = HeaderMap::new();
        for (name, value) in fields {
            let name = HeaderName::try_from(name).map_err(|_| malformed())?;
            trailers.append(name, HeaderValue::from_str(value).map_err(|_| malformed())?);
        }
        self.trailers.set(trailers);
        Ok(())
    }
}
