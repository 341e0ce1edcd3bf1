//! Errors of multipart uploads.

use crate::response::error::ErrorResponse;
use strongroom_engine::Error;

/// Returns the response to an error of a multipart upload.
pub(super) fn response(error: &Error) -> ErrorResponse {
    match error {
        Error::NoSuchUpload(id) => ErrorResponse::new(
            404,
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
             completed.",
        )
        .with("UploadId", id),
        Error::PartNumber(number) => {
            ErrorResponse::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
                .with("ArgumentName", "partNumber")
                .with("ArgumentValue", number.to_string())
        }
        Error::InvalidPartNumber { requested, parts } => ErrorResponse::new(
            416,
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
        )
        .with("PartNumberRequested", requested.to_string())
        .with("ActualPartCount", parts.to_string()),
        Error::InvalidPart { number, etag } => ErrorResponse::new(
            400,
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the \
             specified entity tag may not match the part's entity tag.",
        )
        .with("PartNumber", number.to_string())
        .with("ETag", etag),
        Error::NoParts => ErrorResponse::malformed_xml(),
        Error::InvalidPartOrder => ErrorResponse::new(
            400,
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        ),
        Error::PartTooSmall {
            number,
            length,
            etag,
        } => ErrorResponse::new(
            400,
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        )
        .with("ProposedSize", length.to_string())
        .with("MinSizeAllowed", (5u64 << 20).to_string())
        .with("PartNumber", number.to_string())
        .with("ETag", etag),
        Error::UploadChecksum(why) => ErrorResponse::invalid_request(why.clone()),
        Error::UploadLength { requested, actual } => ErrorResponse::invalid_request(format!(
            "The provided 'x-amz-mp-object-size' header value {requested} does not match what was computed: {actual}"
        )),
        _ => ErrorResponse::internal(),
    }
}
