//! Changes rows behind the engine's back and checks for the errors that this must cause.

use crate::support::protection::Protection;
use crate::support::vault::{Vault, open};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use strongroom_engine::{Engine, Error, Result};
use strongroom_store::{Commit, PartitionId, StoreError, Write};

/// Writes a row behind the engine's back.
pub(crate) async fn write(vault: &Vault, partition: PartitionId, key: Bytes, value: Bytes) {
    change(vault, partition, Write::Put(key, value)).await;
}

pub(crate) async fn change(vault: &Vault, partition: PartitionId, write: Write) {
    let commit = Commit {
        generation: 1,
        writes: vec![write],
        ..Commit::default()
    };
    vault
        .store
        .index
        .commit(partition, commit)
        .await
        .unwrap()
        .unwrap();
}

pub(crate) fn flipped(bytes: &Bytes, at: usize) -> Bytes {
    let mut bytes = BytesMut::from(&bytes[..]);
    bytes[at] ^= 1 << (at % 8);
    bytes.freeze()
}

pub(crate) fn is_alarm<T>(outcome: &Result<T>) -> bool {
    matches!(
        outcome,
        Err(Error::Damaged(_) | Error::Store(StoreError::Damaged { .. }))
    )
}

/// Checks that a read fails with an alarm and that every byte before it is right.
pub(crate) async fn raises_alarm(
    engine: &Engine,
    key: &str,
    protection: Protection,
    right: &[u8],
    how: &str,
) {
    let mut given = 0;
    match open(engine, key, protection, None).await {
        Ok(mut object) => {
            let failed = loop {
                match object.content.next().await {
                    Some(Ok(piece)) => {
                        assert!(right[given..].starts_with(&piece), "{how}: wrong bytes");
                        given += piece.len();
                    }
                    Some(Err(error)) => break Err::<(), _>(error),
                    None => panic!("{how}: the damage was not detected"),
                }
            };
            assert!(is_alarm(&failed), "{how}: {failed:?}");
            assert!(
                object.content.next().await.is_none(),
                "{how}: content continues after the alarm"
            );
        }
        Err(error) => {
            let outcome = Err::<(), _>(error);
            assert!(is_alarm(&outcome), "{how}: {outcome:?}");
        }
    }
}
