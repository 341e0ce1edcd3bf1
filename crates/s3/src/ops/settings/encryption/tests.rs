use super::*;

#[test]
fn the_document_names_the_default_and_the_block() {
    let encryption = BucketEncryption {
        bucket_key: true,
        blocked: Some(BlockedEncryption::CustomerKeys),
        kms: Some(DefaultKms {
            key: Some("a&b".to_owned()),
        }),
    };
    assert_eq!(
        write(&encryption),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServerSideEncryptionConfiguration \
         xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>a&amp;b</KMSMasterKeyID>\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled><BlockedEncryptionTypes>\
         <EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"
    );
    let default = write(&BucketEncryption::default());
    assert!(
        default.contains("<SSEAlgorithm>AES256</SSEAlgorithm></Apply"),
        "{default}"
    );
    assert!(
        default.contains("<EncryptionType>NONE</EncryptionType>"),
        "{default}"
    );
}
