//! CBOR of identifiers: their texts.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decoder, Encoder};
use strongroom_access::SecretAccessKey;
use strongroom_access::arn::{AccountId, CanonicalId, EntityId, Name, Path};

/// Identifier that is stored as its text.
pub(crate) trait Identifier: Sized {
    /// Returns the text.
    fn text(&self) -> &str;

    /// Parses the text. `None`: it is not such an identifier.
    fn parse(text: &str) -> Option<Self>;
}

/// Implements [`Identifier`] with the function that parses it.
macro_rules! identifiers {
    ($($identifier:ty, $parse:expr;)*) => {
        $(impl Identifier for $identifier {
            fn text(&self) -> &str {
                self.as_str()
            }

            fn parse(text: &str) -> Option<Self> {
                $parse(text).ok()
            }
        })*
    };
}

identifiers! {
    AccountId, AccountId::parse;
    CanonicalId, CanonicalId::parse;
    EntityId, EntityId::parse;
    Path, Path::parse;
    // The longest names are those of groups and policies. Shorter limits were checked when the entity was created.
    Name, Name::of_policy;
}

/// An identifier.
pub(crate) mod text {
    use super::{DecodeError, Decoder, EncodeError, Encoder, Identifier, Write};

    pub(crate) fn encode<T: Identifier, C, W: Write>(
        identifier: &T,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.str(identifier.text())?;
        Ok(())
    }

    pub(crate) fn decode<T: Identifier, C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<T, DecodeError> {
        T::parse(decoder.str()?).ok_or_else(|| DecodeError::message("not a valid identifier"))
    }
}

/// A list of identifiers.
pub(crate) mod texts {
    use super::{DecodeError, Decoder, EncodeError, Encoder, Identifier, Write};

    pub(crate) fn encode<T: Identifier, C, W: Write>(
        identifiers: &Vec<T>,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.array(u64::try_from(identifiers.len()).unwrap_or(u64::MAX))?;
        for identifier in identifiers {
            encoder.str(identifier.text())?;
        }
        Ok(())
    }

    pub(crate) fn decode<T: Identifier, C>(
        decoder: &mut Decoder<'_>,
        _: &mut C,
    ) -> Result<Vec<T>, DecodeError> {
        let texts = decoder.array_iter::<&str>()?;
        texts
            .map(|text| T::parse(text?).ok_or_else(|| DecodeError::message("not a valid identifier")))
            .collect()
    }
}

/// A secret access key.
pub(crate) mod secret {
    use super::{DecodeError, Decoder, EncodeError, Encoder, SecretAccessKey, Write};

    pub(crate) fn encode<C, W: Write>(
        secret: &SecretAccessKey,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.str(secret.expose())?;
        Ok(())
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<SecretAccessKey, DecodeError> {
        Ok(SecretAccessKey::new(decoder.str()?.to_owned()))
    }
}
