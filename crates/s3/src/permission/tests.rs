use super::*;
use crate::request::operation::OPERATIONS;
use strongroom_access::policy::Policy;

#[test]
fn every_operation_has_an_action_that_policies_know() {
    let offered = OPERATIONS.iter().filter(|operation| operation.is_offered());
    for operation in offered {
        for uri in ["/b/k", "/b/k?versionId=null"] {
            let query = Query::read(&uri.parse::<Uri>().unwrap());
            let actions = actions::of(operation, &query, &HeaderMap::new());
            assert!(!actions.is_empty(), "{}", operation.name);
            for action in actions {
                // Actions on the service: no policy of a bucket covers them.
                if action == "s3:ListAllMyBuckets" || action == "s3:CreateBucket" {
                    continue;
                }
                let text = format!(
                    r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"{action}",
                        "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}}]}}"#
                );
                let parsed = Policy::parse(&text, "bucket");
                assert!(parsed.is_ok(), "{}: {action}: {:?}", operation.name, parsed.err());
            }
        }
    }
    assert!(Operation::named("SomethingNew").is_none());
}

#[test]
fn a_request_with_an_access_control_list_needs_the_action_that_sets_it() {
    let acl = ("x-amz-acl", "private");
    let grant = ("x-amz-grant-read-acp", "id=1");
    let ownership = ("x-amz-object-ownership", "ObjectWriter");
    let on_bucket = ["s3:PutBucketAcl", "s3:PutBucketOwnershipControls"];
    for (operation, header, more) in [
        ("PutObject", acl, &["s3:PutObjectAcl"][..]),
        ("PutObject", grant, &["s3:PutObjectAcl"]),
        ("CopyObject", grant, &["s3:PutObjectAcl"]),
        ("CreateMultipartUpload", acl, &["s3:PutObjectAcl"]),
        ("PutObject", ownership, &[]),
        ("CreateBucket", acl, &on_bucket[..1]),
        ("CreateBucket", grant, &on_bucket[..1]),
        ("CreateBucket", ownership, &on_bucket[1..]),
        ("GetObject", acl, &[]),
    ] {
        let operation = Operation::named(operation).unwrap();
        let query = Query::read(&Uri::from_static("/b/k"));
        let headers = HeaderMap::from_iter([(header.0.parse().unwrap(), header.1.parse().unwrap())]);
        let actions = actions::of(operation, &query, &headers);
        assert_eq!(
            actions,
            [operation.actions(false), more].concat(),
            "{}",
            operation.name
        );
    }
}
