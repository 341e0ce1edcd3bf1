//! Settings of SSE-C: requests with customer keys.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use strongroom_s3::{Cleartext, HeadWithoutKey};

use super::layered::layer;
use super::value::{Value, one_of};

layer! {
    /// The SSE-C settings given by one source.
    struct SseCLayer, shown from sse_c: SseC {
        /// Status for HEAD of an SSE-C object without its key: 404 hides the object, 400 is as AWS responds [default: 404].
        #[arg(value_name = "STATUS", hide_possible_values = true, value_parser = parser(&HEAD_WITHOUT_KEY))]
        #[serde(deserialize_with = "status")]
        head_without_key["sse-c-head-without-key"]: Option<HeadWithoutKey> = word_of(&HEAD_WITHOUT_KEY, sse_c.head_without_key),
        /// Clients that may send customer keys over plain HTTP [default: loopback].
        #[arg(value_name = "WHERE", value_parser = parser(&CLEARTEXT))]
        #[serde(deserialize_with = "clients")]
        cleartext["sse-c-cleartext"]: Option<Cleartext> = word_of(&CLEARTEXT, sse_c.cleartext),
    }
}

/// Treatment of requests with customer keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseC {
    pub(crate) head_without_key: HeadWithoutKey,
    pub(crate) cleartext: Cleartext,
}

/// Words of a choice: each with its meaning and help.
type Words<T, const N: usize> = [(&'static str, T, &'static str); N];

const HEAD_WITHOUT_KEY: Words<HeadWithoutKey, 2> = [
    ("404", HeadWithoutKey::NotFound, ""),
    ("400", HeadWithoutKey::BadRequest, ""),
];
const CLEARTEXT: Words<Cleartext, 3> = [
    ("loopback", Cleartext::Loopback, "Clients on this machine"),
    ("never", Cleartext::Never, "No clients"),
    (
        "always",
        Cleartext::Always,
        "All clients: anyone on the network path can read the keys",
    ),
];

impl SseCLayer {
    /// Fills in defaults.
    pub(super) fn complete(self) -> SseC {
        SseC {
            head_without_key: self.head_without_key.unwrap_or(HeadWithoutKey::NotFound),
            cleartext: self.cleartext.unwrap_or(Cleartext::Loopback),
        }
    }
}

impl Value for HeadWithoutKey {
    fn read(text: &str) -> Result<Self, String> {
        meaning_of(&HEAD_WITHOUT_KEY, text)
    }
}

impl Value for Cleartext {
    fn read(text: &str) -> Result<Self, String> {
        meaning_of(&CLEARTEXT, text)
    }
}

fn meaning_of<T: Copy, const N: usize>(words: &Words<T, N>, text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, ..)| *word == text);
    found
        .map(|(_, meaning, _)| *meaning)
        .ok_or_else(|| one_of(words.iter().map(|(word, ..)| (*word).to_owned())))
}

fn word_of<T: Copy + PartialEq, const N: usize>(words: &Words<T, N>, meaning: T) -> String {
    let found = words.iter().find(|(_, found, _)| *found == meaning);
    found.map(|(word, ..)| (*word).to_owned()).unwrap_or_default()
}

fn parser<T, const N: usize>(words: &'static Words<T, N>) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let values = words
        .iter()
        .map(|(word, _, help)| PossibleValue::new(*word).help(*help));
    PossibleValuesParser::new(values).try_map(|word| meaning_of(words, &word))
}

fn status<'de, D: Deserializer<'de>>(file: D) -> Result<Option<HeadWithoutKey>, D::Error> {
    let status = u16::deserialize(file)?.to_string();
    let read = HeadWithoutKey::read(&status);
    read.map(Some)
        .map_err(|_| D::Error::custom("write 404 (like StorageGRID) or 400 (like AWS)"))
}

fn clients<'de, D: Deserializer<'de>>(file: D) -> Result<Option<Cleartext>, D::Error> {
    let word = String::deserialize(file)?;
    Cleartext::read(&word)
        .map(Some)
        .map_err(|_| D::Error::unknown_variant(&word, &["loopback", "never", "always"]))
}
