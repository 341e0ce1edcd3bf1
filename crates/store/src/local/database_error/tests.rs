use super::*;

#[test]
fn errors_name_no_types_of_the_database() {
    for error in [
        Error::InvalidTrailer,
        Error::InvalidTag(("BlockType", 9)),
        Error::InvalidVersion(1),
        Error::Unrecoverable,
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
}
