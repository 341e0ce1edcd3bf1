use super::*;
use http::Uri;
use strongroom_access::policy::Policy;

/// The operations that there are, as s3s names them: from the list in `ops.rs`.
fn operations() -> Vec<String> {
    let list = include_str!("../ops.rs");
    let camel = |name: &str| {
        let words = name.split('_');
        let words: Vec<_> = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        words.concat()
    };
    list.lines()
        .filter_map(|line| line.trim().split_once("Input) -> "))
        .map(|(before, _)| camel(before.split('(').next().unwrap()))
        .collect()
}

#[test]
fn every_operation_has_an_action_that_policies_know() {
    let operations = operations();
    assert!(operations.len() > 60, "{operations:?}");
    for operation in operations {
        for uri in ["/b/k", "/b/k?versionId=null"] {
            let query = Query::read(&uri.parse::<Uri>().unwrap());
            let actions = actions::of(&operation, &query, &HeaderMap::new());
            assert!(!actions.is_empty(), "{operation}");
            for action in actions {
                // Of the service and not of a bucket: no policy of a bucket speaks of it.
                if action == "s3:ListAllMyBuckets" || action == "s3:CreateBucket" {
                    continue;
                }
                let text = format!(
                    r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"{action}",
                        "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}}]}}"#
                );
                let parsed = Policy::parse(&text, "bucket");
                assert!(parsed.is_ok(), "{operation}: {action}: {:?}", parsed.err());
            }
        }
    }
    let query = Query::read(&"/b".parse::<Uri>().unwrap());
    assert!(actions::of("SomethingNew", &query, &HeaderMap::new()).is_empty());
}
