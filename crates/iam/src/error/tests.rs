use super::*;

#[test]
fn documents_say_whose_fault_it_is() {
    let error = ApiError::new(404, "NoSuchEntity", "The user with name <a> cannot be found.");
    assert_eq!(
        error.document("urn:x", "1"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type>\
         <Code>NoSuchEntity</Code><Message>The user with name &lt;a&gt; cannot be found.</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    );
    let error = ApiError::new(500, "ServiceFailure", "");
    assert!(error.document("urn:x", "1").contains("<Type>Receiver</Type>"));
}

#[test]
fn names_are_refused_in_the_words_of_aws() {
    let of = |text: &str| {
        let error = strongroom_access::arn::Name::of_user(text).unwrap_err();
        ApiError::identifier("UserName", &error).message
    };
    assert_eq!(
        of(&"a".repeat(65)),
        format!(
            "1 validation error detected: Value '{}' at 'userName' failed to satisfy constraint: Member must have \
             length less than or equal to 64",
            "a".repeat(65)
        )
    );
    assert!(of("").ends_with("Member must have length greater than or equal to 1"));
    assert!(of("a b").starts_with("The specified value for userName is invalid."));
}
