use super::house::{ALLOW_ALL, House};

#[tokio::test]
async fn everything_about_an_account_is_in_pages() {
    let (house, root) = House::new().await;
    for name in ["ann", "bob"] {
        house.user(&root, name).await;
        house.allow(&root, name, ALLOW_ALL).await;
    }
    house
        .send(&root, "CreateGroup", &[("GroupName", "staff")])
        .await
        .ok();
    let member = [("GroupName", "staff"), ("UserName", "bob")];
    house.send(&root, "AddUserToGroup", &member).await.ok();
    let policy = [("PolicyName", "all"), ("PolicyDocument", ALLOW_ALL)];
    house.send(&root, "CreatePolicy", &policy).await.ok();
    let attach = [
        ("GroupName", "staff"),
        ("PolicyArn", "arn:aws:iam::000000000000:policy/all"),
    ];
    house.send(&root, "AttachGroupPolicy", &attach).await.ok();
    let base = "GetAccountAuthorizationDetailsResult";
    let mut seen = Vec::new();
    let mut marker = String::new();
    for _ in 0..10 {
        let request = [("MaxItems", "1"), ("Marker", &marker)];
        let page = house
            .send(&root, "GetAccountAuthorizationDetails", &request)
            .await
            .ok();
        for element in [
            "UserDetailList/member/UserName",
            "GroupDetailList/member/GroupName",
            "Policies/member/PolicyName",
        ] {
            seen.extend_from_slice(page.texts(&format!("{base}/{element}")));
        }
        match page.texts(&format!("{base}/Marker")).first() {
            Some(next) => marker.clone_from(next),
            None => break,
        }
    }
    assert_eq!(
        seen,
        [
            "ann",
            "bob",
            "staff",
            "all",
            "AdministratorAccess",
            "AmazonS3FullAccess",
            "AmazonS3ReadOnlyAccess",
            "IAMFullAccess",
            "IAMReadOnlyAccess",
            "ReadOnlyAccess"
        ]
    );
    let request = [("Filter.member.1", "User"), ("Filter.member.2", "Group")];
    let all = house
        .send(&root, "GetAccountAuthorizationDetails", &request)
        .await
        .ok();
    let user = format!("{base}/UserDetailList/member");
    assert_eq!(all.texts(&format!("{user}/GroupList/member")), ["staff"]);
    let policies = all.texts(&format!("{user}/UserPolicyList/member/PolicyName"));
    assert_eq!(policies, ["p", "p"]);
    let attached = format!("{base}/GroupDetailList/member/AttachedManagedPolicies/member/PolicyName");
    assert_eq!(all.text(&attached), "all");
    assert_eq!(all.texts(&format!("{base}/Policies/member")), [] as [&str; 0]);
}

#[tokio::test]
async fn tags_logins_aliases_and_the_summary() {
    let (house, root) = House::new().await;
    house.send(&root, "CreateUser", &[("UserName", "ann")]).await.ok();
    let tags = [
        ("UserName", "ann"),
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", ""),
        ("Tags.member.2.Key", "b"),
        ("Tags.member.2.Value", "2"),
    ];
    house.send(&root, "TagUser", &tags).await.ok();
    let keys = [("UserName", "ann"), ("TagKeys.member.1", "a")];
    house.send(&root, "UntagUser", &keys).await.ok();
    let listed = house.send(&root, "ListUserTags", &[("UserName", "ann")]).await;
    assert_eq!(listed.texts("ListUserTagsResult/Tags/member/Key"), ["b"]);

    let short = [("UserName", "ann"), ("Password", "short")];
    let refused = house.send(&root, "CreateLoginProfile", &short).await;
    refused.error(400, "PasswordPolicyViolation");
    let login = [
        ("UserName", "ann"),
        ("Password", "long enough"),
        ("PasswordResetRequired", "true"),
    ];
    let created = house.send(&root, "CreateLoginProfile", &login).await.ok();
    let required = "CreateLoginProfileResult/LoginProfile/PasswordResetRequired";
    assert_eq!(created.text(required), "true");
    assert!(!created.document.contains("long enough"));

    house
        .send(&root, "CreateAccountAlias", &[("AccountAlias", "my-store")])
        .await
        .ok();
    let aliases = house.send(&root, "ListAccountAliases", &[]).await.ok();
    let member = "ListAccountAliasesResult/AccountAliases/member";
    assert_eq!(aliases.text(member), "my-store");
    let summary = house.send(&root, "GetAccountSummary", &[]).await.ok();
    let entry = "GetAccountSummaryResult/SummaryMap/entry";
    let keys = summary.texts(&format!("{entry}/key"));
    let at = keys.iter().position(|key| key == "Users").unwrap();
    assert_eq!(summary.texts(&format!("{entry}/value"))[at], "1");
}

#[tokio::test]
async fn things_that_do_not_exist_are_listed_as_none() {
    let (house, root) = House::new().await;
    house.user(&root, "ann").await;
    for (action, element) in [
        ("ListMFADevices", "MFADevices"),
        ("ListSSHPublicKeys", "SSHPublicKeys"),
        ("ListSigningCertificates", "Certificates"),
        ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
    ] {
        let answer = house.send(&root, action, &[("UserName", "ann")]).await.ok();
        assert_eq!(answer.text(&format!("{action}Result/{element}")), "");
        let missing = house.send(&root, action, &[("UserName", "bob")]).await;
        missing.error(404, "NoSuchEntity");
    }
    let missing = house
        .send(&root, "ListInstanceProfilesForRole", &[("RoleName", "r")])
        .await;
    missing.error(404, "NoSuchEntity");
}
