//! The account that owns a bucket, or an object in a bucket of another account.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use strongroom_access::arn::{AccountId, CanonicalId};

/// The account that owns a bucket, and the objects in it that no other account owns. Neither id of an account ever
/// changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketOwner {
    /// Id of the account.
    pub account: AccountId,
    /// Canonical id of the account.
    pub canonical_id: CanonicalId,
}

impl BucketOwner {
    /// The account that the first start of a server creates.
    pub const FIRST: Self = Self {
        account: AccountId::ROOT,
        canonical_id: CanonicalId::ROOT,
    };
}

impl<C> Encode<C> for BucketOwner {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        encoder
            .array(2)?
            .str(self.account.as_str())?
            .str(self.canonical_id.as_str())?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for BucketOwner {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        if decoder.array()? != Some(2) {
            return Err(DecodeError::message("the owner of a bucket has two ids"));
        }
        let account = AccountId::parse(decoder.str()?).map_err(DecodeError::message)?;
        let canonical_id = CanonicalId::parse(decoder.str()?).map_err(DecodeError::message)?;
        Ok(Self {
            account,
            canonical_id,
        })
    }
}

/// CBOR of a canonical id: its text.
pub(crate) mod canonical_id {
    use super::{CanonicalId, DecodeError, Decoder, EncodeError, Encoder, Write};

    pub(crate) fn encode<C, W: Write>(
        id: &CanonicalId,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.str(id.as_str())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<CanonicalId, DecodeError> {
        CanonicalId::parse(decoder.str()?).map_err(DecodeError::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strongroom_access::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

    #[test]
    fn an_owner_is_two_ids() {
        let bytes = minicbor::to_vec(BucketOwner::FIRST).unwrap();
        let read: BucketOwner = minicbor::decode(&bytes).unwrap();
        assert_eq!(read, BucketOwner::FIRST);
        assert_eq!(read.account.as_str(), ROOT_ACCOUNT);
        assert_eq!(read.canonical_id.as_str(), ROOT_CANONICAL_ID);
        let one = minicbor::to_vec([ROOT_ACCOUNT]).unwrap();
        assert!(minicbor::decode::<BucketOwner>(&one).is_err());
        let wrong = minicbor::to_vec([ROOT_ACCOUNT, "x"]).unwrap();
        assert!(minicbor::decode::<BucketOwner>(&wrong).is_err());
    }
}
