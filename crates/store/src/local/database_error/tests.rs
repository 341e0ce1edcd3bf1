use super::*;

#[test]
fn errors_name_no_types_of_the_database() {
    for error in [
        fjall::Error::JournalRecovery(JournalRecoveryError::ChecksumMismatch),
        fjall::Error::Storage(LsmError::InvalidTrailer),
        fjall::Error::Storage(LsmError::InvalidTag(("BlockType", 9))),
        fjall::Error::Storage(LsmError::Unrecoverable),
        fjall::Error::InvalidVersion(None),
        fjall::Error::Unrecoverable,
    ] {
        let printed = format!("{error:?}");
        let error = error_of("reading the index", error);
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.starts_with("the index is damaged: reading the index: "),
            "{text}"
        );
        assert!(!text.contains(&printed) && !text.contains("Error"), "{text}");
    }
    for error in [
        fjall::Error::Poisoned,
        fjall::Error::Locked,
        fjall::Error::KeyspaceDeleted,
    ] {
        let text = error_of("writing", error).to_string();
        assert!(
            text.starts_with("the store failed while writing: ") && !text.contains("Error"),
            "{text}"
        );
    }
}
