//! The search for the key of an object among those of a tab.

use crate::customer_key::GivenKey;
use crate::failure::Failure;
use crate::operation::GET_OBJECT;
use crate::pages::object::ObjectQuery;
use crate::visitor::{Target, Values, Visitor};
use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Maximum number of keys in one request.
const MAX_KEYS: usize = 50;

/// Document of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryKeys {
    key: String,
    version: String,
    /// Keys in base64.
    keys: Vec<Zeroizing<String>>,
}

/// Document of the response.
#[derive(Serialize)]
pub(crate) struct FoundKey {
    /// Index of the key that opens the object. `None`: none does.
    index: Option<usize>,
}

/// Tells which key opens the object, by its envelope: no content is read, and all attempts are one line of the audit log.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Json(document): Json<TryKeys>,
) -> Result<Json<FoundKey>, Failure> {
    let TryKeys { key, version, keys } = document;
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err(Failure::invalid("Give 1 to 50 keys."));
    }
    let object = ObjectQuery { key, version };
    let version = object.version()?;
    let target = Target::object(&bucket, &object.key, version);
    let engine = visitor.permit(&GET_OBJECT, target, Values::new()).await?;
    let candidates = keys.into_iter().map(|key| GivenKey::new(key).headers()).collect();
    match engine.try_keys(&bucket, &object.key, version, candidates).await {
        Ok(index) => Ok(Json(FoundKey { index })),
        Err(error) => Err(visitor.hide_missing(target, error).await),
    }
}
