//! Signs that a key is not random. The absence of signs does not prove a key strong.

use std::collections::BTreeSet;

use md5::{Digest, Md5};

use strongroom_keys::customer_key::{CustomerKey, LENGTH};

/// MD5 of the sample key of a widely copied guide, which `openssl enc` derived from the password "secret".
/// Compared by digest so that no binary contains the key.
const GUIDE_KEY_MD5: [u8; 16] = [
    0xae, 0x31, 0xae, 0x31, 0xd8, 0xcb, 0xa4, 0xf5, 0x75, 0x79, 0x1b, 0xa8, 0xb4, 0xd6, 0x8f, 0x31,
];

/// 32 random bytes have 30 distinct values on average, and 32 random letters and digits 25, each with a standard
/// deviation of at most 2: fewer than 14 do not occur by chance.
const FEWEST_DISTINCT: usize = 14;

/// Reasons why a key is easier to guess than its length suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weakness {
    GuideKey,
    HexText,
    DigitsOnly,
    Repeated { period: usize },
    Steps,
    FewDistinct { distinct: usize },
    Words,
}

impl Weakness {
    pub(super) fn describe(self) -> String {
        match self {
            Self::GuideKey => {
                "this is the sample key of a published guide, derived from the password \"secret\": \
                 everyone has it, and it protects nothing"
                    .to_owned()
            }
            Self::HexText => {
                "32 hex digits used as characters contain at most 128 bits, not 256; if they come from \
                 `openssl enc -pass pass:...`, the key is no stronger than that password"
                    .to_owned()
            }
            Self::DigitsOnly => "32 decimal digits contain at most 106 bits, not 256".to_owned(),
            Self::Repeated { period: 1 } => "every byte is the same".to_owned(),
            Self::Repeated { period } => {
                format!("the first {period} bytes are repeated: only they have to be guessed")
            }
            Self::Steps => "each byte differs from the previous one by the same step".to_owned(),
            Self::FewDistinct { distinct } => {
                format!("only {distinct} different bytes occur; a random key has about 30")
            }
            Self::Words => {
                "this looks like words: a key chosen by a person is found by trying words".to_owned()
            }
        }
    }
}

/// Returns all weaknesses of `key`, worst first.
pub(super) fn weaknesses(key: &CustomerKey) -> Vec<Weakness> {
    let bytes = key.bytes();
    let mut found = Vec::new();
    if Md5::digest(bytes).as_slice() == GUIDE_KEY_MD5 {
        found.push(Weakness::GuideKey);
    }
    if let Some(period) = (1..=LENGTH / 2).find(|period| has_period(bytes, *period)) {
        found.push(Weakness::Repeated { period });
    } else if is_steps(bytes) {
        found.push(Weakness::Steps);
    }
    if bytes.iter().all(u8::is_ascii_digit) {
        found.push(Weakness::DigitsOnly);
    } else if bytes.iter().all(u8::is_ascii_hexdigit) {
        found.push(Weakness::HexText);
    } else if looks_like_words(bytes) {
        found.push(Weakness::Words);
    }
    let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
    if found.is_empty() && distinct < FEWEST_DISTINCT {
        found.push(Weakness::FewDistinct { distinct });
    }
    found
}

/// Returns whether the key repeats its first `period` bytes.
fn has_period(bytes: &[u8], period: usize) -> bool {
    bytes
        .iter()
        .skip(period)
        .eq(bytes.iter().take(bytes.len() - period))
}

/// Returns whether the bytes advance by equal steps: 00 01 02 ..., abcdef..., 20 1f 1e ...
fn is_steps(bytes: &[u8]) -> bool {
    let mut steps = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// Returns whether the key is letters of one case with spaces or punctuation, or any text with spaces.
fn looks_like_words(bytes: &[u8]) -> bool {
    let mark = |byte: &u8| b" -_.,!?'".contains(byte);
    let lower = bytes.iter().all(|byte| byte.is_ascii_lowercase() || mark(byte));
    let upper = bytes.iter().all(|byte| byte.is_ascii_uppercase() || mark(byte));
    let spaced = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') && bytes.contains(&b' ');
    lower || upper || spaced
}
