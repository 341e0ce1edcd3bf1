//! Change of an object's protection: another key, or another kind of one. No data moves.

use crate::customer_key::GivenKey;
use crate::failure::Failure;
use crate::onto_itself::{self, NewProtection};
use crate::pages::object::ObjectQuery;
use crate::visitor::{Target, Visitor};
use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use std::time::Instant;
use strongroom_access::policy::key as policy;
use strongroom_engine::encryption::{AES256, EncryptionHeaders};
use zeroize::Zeroizing;

/// Document of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Protect {
    key: String,
    version: String,
    /// Key that opens the object now, in base64. `None`: it needs none of its owner.
    from: Option<Zeroizing<String>>,
    /// Key that is to open it, in base64. `None`: those of the store.
    to: Option<Zeroizing<String>>,
}

/// Document of the response.
#[derive(Serialize)]
pub(crate) struct Protected {
    /// Time that it took.
    milliseconds: u64,
    /// Plaintext bytes that stayed where they are.
    length: u64,
}

/// Copies an object onto itself under another key. In a bucket that keeps versions this makes a new one over the same
/// content; older ones keep their keys.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Json(document): Json<Protect>,
) -> Result<Json<Protected>, Failure> {
    let Protect {
        key,
        version,
        from,
        to,
    } = document;
    let object = ObjectQuery { key, version };
    let version = object.version()?;
    let (from, to) = (from.map(GivenKey::new), to.map(GivenKey::new));
    let protection = match &to {
        Some(to) => NewProtection {
            encryption: to.headers(),
            values: vec![(policy::SSE_CUSTOMER_ALGORITHM, AES256.to_owned())],
        },
        None => NewProtection {
            encryption: EncryptionHeaders {
                sse: Some(AES256.to_owned()),
                ..EncryptionHeaders::default()
            },
            values: vec![(policy::SSE, AES256.to_owned())],
        },
    };
    let began = Instant::now();
    let source_key = || {
        from.as_ref()
            .map_or_else(EncryptionHeaders::default, GivenKey::headers)
    };
    let source = Target::object(&bucket, &object.key, version);
    let summary = onto_itself::copy(&visitor, source, protection, source_key).await?;
    Ok(Json(Protected {
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        length: summary.length,
    }))
}
