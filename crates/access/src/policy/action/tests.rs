use super::*;

#[test]
fn policies_of_iam_may_name_actions_of_all_services() {
    for (text, covered, others) in [
        ("*", &["s3:GetObject", "iam:CreateUser"][..], &[][..]),
        (
            "s3:*",
            &["s3:GetObject", "S3:getobject"],
            &["iam:CreateUser", "s3"],
        ),
        (
            "IAM:createuser",
            &["iam:CreateUser"],
            &["iam:CreateUsers", "iam:CreateUse"],
        ),
        ("iam:*User?", &["iam:ListUsers"], &["iam:CreateUser"]),
        ("s3:NoSuchAction", &["s3:NoSuchAction"], &["s3:GetObject"]),
        ("execute-api:Invoke", &["execute-api:invoke"], &[]),
    ] {
        let actions = Actions::of_identity(&[text], false).unwrap();
        let opposite = Actions::of_identity(&[text], true).unwrap();
        for action in covered {
            assert!(
                actions.cover(action) && !opposite.cover(action),
                "{text} {action}"
            );
        }
        for action in others {
            assert!(
                !actions.cover(action) && opposite.cover(action),
                "{text} {action}"
            );
        }
    }
}

#[test]
fn actions_of_iam_begin_with_a_service() {
    for (text, expected) in [
        ("GetObject", Fault::NoVendor("GetObject".into())),
        ("", Fault::NoVendor(String::new())),
        ("**", Fault::NoVendor("**".into())),
        ("s*:GetObject", Fault::Vendor("s*".into())),
        (":GetObject", Fault::Vendor(String::new())),
        ("s3:", Fault::ActionName("s3:".into())),
        ("s3:Get Object", Fault::ActionName("s3:Get Object".into())),
        (
            "s3:${aws:username}",
            Fault::ActionName("s3:${aws:username}".into()),
        ),
    ] {
        assert_eq!(
            Actions::of_identity(&["s3:*", text], false).unwrap_err(),
            expected
        );
    }
}

#[test]
fn trust_policies_contain_ways_to_assume_a_role() {
    for text in [
        "sts:AssumeRole",
        "STS:assumerole",
        "sts:AssumeRole*",
        "sts:TagSession",
        "sts:*",
    ] {
        assert!(Actions::of_trust(&[text], false).is_ok(), "{text}");
        assert_eq!(
            Actions::of_trust(&[text], true).unwrap_err(),
            Fault::TrustAction(text.into())
        );
    }
    for text in ["*", "sts:GetCallerIdentity", "s3:GetObject", "s3:*"] {
        let error = Actions::of_trust(&["sts:AssumeRole", text], false).unwrap_err();
        assert_eq!(error, Fault::TrustAction(text.into()));
    }
}
