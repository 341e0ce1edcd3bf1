use super::*;

fn parts(error: &ErrorResponse) -> (u16, &str, &str) {
    (error.status.as_u16(), error.code, &error.message)
}

#[test]
fn parameters_that_cannot_be_read_are_named() {
    for (text, message, name, value) in [
        (
            "invalid query: max-keys: abc",
            "Provided max-keys not an integer or within integer range",
            "max-keys",
            "abc",
        ),
        (
            "invalid query: partNumber: abc",
            "Part number must be an integer between 1 and 10000, inclusive",
            "partNumber",
            "abc",
        ),
        (
            "invalid header: x-amz-copy-source: &quot;bucket&quot;",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            "x-amz-copy-source",
            "bucket",
        ),
        (
            "invalid header: x-amz-object-lock-retain-until-date: &quot;tomorrow&quot;",
            "The retain until date must be provided in ISO 8601 format",
            "x-amz-object-lock-retain-until-date",
            "tomorrow",
        ),
        (
            "invalid header: if-match: &quot;a: b&quot;",
            "The value of the header if-match is invalid.",
            "if-match",
            "a: b",
        ),
    ] {
        let error = response(400, "InvalidArgument", text);
        assert_eq!(parts(&error), (400, "InvalidArgument", message), "{text}");
        let named = [
            ("ArgumentName", name.to_owned()),
            ("ArgumentValue", value.to_owned()),
        ];
        assert_eq!(error.extra, named, "{text}");
    }
}

#[test]
fn no_text_of_the_library_is_left() {
    let error = response(400, "InvalidRequest", "missing header: x-amz-object-attributes");
    assert_eq!(error.code, "InvalidRequest");
    assert!(error.message.starts_with("The x-amz-object-attributes header"));
    for (status, code, text) in [
        (411, "MissingContentLength", "missing header: content-length"),
        (403, "SignatureDoesNotMatch", ""),
        (405, "MethodNotAllowed", "no"),
    ] {
        assert_eq!(
            parts(&response(status, code, text)),
            (status, code, message_of(code))
        );
    }
    let unknown = response(400, "InvalidRequest", "something about the library");
    assert_eq!(
        parts(&unknown),
        (400, "InvalidRequest", "The request cannot be carried out.")
    );
}
