//! Invalid tags.

use crate::response::error::ErrorResponse;
use strongroom_engine::tags::{MAX_OBJECT_TAGS, TagError};

impl ErrorResponse {
    /// Returns the response to invalid tags.
    pub(crate) fn of_tags(error: &TagError) -> Self {
        let invalid = |message: &'static str| Self::new(400, "InvalidTag", message);
        match error {
            TagError::TooMany(max) if *max == MAX_OBJECT_TAGS => {
                Self::new(400, "BadRequest", "Object tags cannot be greater than 10")
            }
            TagError::TooMany(max) => Self::new(
                400,
                "BadRequest",
                format!("Bucket tag count cannot be greater than {max}"),
            ),
            TagError::Twice(key) => {
                invalid("Cannot provide multiple Tags with the same key").with("TagKey", key)
            }
            TagError::Key(key) => invalid("The TagKey you have provided is invalid").with("TagKey", key),
            TagError::Value(key) => invalid("The TagValue you have provided is invalid").with("TagKey", key),
            TagError::Reserved(key) => {
                invalid("System tags cannot be added/updated by requester").with("TagKey", key)
            }
            _ => invalid("The tag provided was not a valid tag."),
        }
    }
}
