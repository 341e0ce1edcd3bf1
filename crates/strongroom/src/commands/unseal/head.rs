//! `strongroom unseal head`: shows the metadata of an object.

use std::io::Write;

use serde_json::{Value, json};
use strongroom_engine::Engine;
use strongroom_engine::object::get::ObjectInfo;

use super::error::UnsealError;
use super::object_to_open::ObjectToOpen;
use super::text;
use crate::cli::unseal::HeadFlags;

pub(super) async fn run(
    engine: &Engine,
    flags: &HeadFlags,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let object = ObjectToOpen::of(&flags.object)?;
    let info = object.head(engine).await?;
    let text = serde_json::to_string_pretty(&description(&info)).map_err(std::io::Error::from)?;
    Ok(writeln!(output, "{text}")?)
}

fn description(info: &ObjectInfo) -> Value {
    let checksums = info.checksums.iter().map(|checksum| {
        json!({
            "algorithm": checksum.algorithm,
            "value": hex::encode(&checksum.value),
            "composite": checksum.composite,
        })
    });
    json!({
        "version": info.version.map(|version| version.to_string()),
        "length": info.length,
        "modified": text::time(info.modified),
        "etag": info.etag,
        "mode": text::mode(info.encrypted.mode),
        "kms_key": info.encrypted.kms.as_ref().map(|kms| &kms.key_id),
        "headers": info.headers,
        "metadata": info.metadata,
        "checksums": checksums.collect::<Vec<_>>(),
        "parts": info.parts,
    })
}
