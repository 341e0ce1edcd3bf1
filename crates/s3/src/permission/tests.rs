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
