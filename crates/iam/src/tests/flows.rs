use super::house::{ALLOW_ALL, House};

#[tokio::test]
async fn users_are_created_listed_renamed_and_deleted() {
    let (house, root) = House::new().await;
    let created = house
        .send(
            &root,
            "CreateUser",
            &[
                ("UserName", "ann"),
                ("Path", "/staff/"),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "a & b"),
            ],
        )
        .await;
    // `&` is not a letter of tags.
    created.error(400, "InvalidInput");
    let created = house
        .send(
            &root,
            "CreateUser",
            &[
                ("UserName", "ann"),
                ("Path", "/staff/"),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "storage"),
            ],
        )
        .await
        .ok();
    let user = "CreateUserResult/User";
    assert_eq!(created.text(&format!("{user}/UserName")), "ann");
    assert_eq!(created.text(&format!("{user}/Path")), "/staff/");
    let arn = "arn:aws:iam::000000000000:user/staff/ann";
    assert_eq!(created.text(&format!("{user}/Arn")), arn);
    assert_eq!(
        created.text(&format!("{user}/CreateDate")),
        "2026-11-30T00:00:00Z"
    );
    assert_eq!(created.text(&format!("{user}/Tags/member/Value")), "storage");
    assert!(created.text(&format!("{user}/UserId")).starts_with("AIDA"));
    assert!(created.document.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateUserResult><User>"
    ));
    assert_eq!(created.text("ResponseMetadata/RequestId").len(), 36);

    let again = house.send(&root, "CreateUser", &[("UserName", "Ann")]).await;
    let message = again.error(409, "EntityAlreadyExists");
    assert_eq!(message, "User with name Ann already exists.");

    for name in ["bob", "cid"] {
        house.send(&root, "CreateUser", &[("UserName", name)]).await.ok();
    }
    let page = house.send(&root, "ListUsers", &[("MaxItems", "2")]).await.ok();
    assert_eq!(
        page.texts("ListUsersResult/Users/member/UserName"),
        ["ann", "bob"]
    );
    assert_eq!(page.text("ListUsersResult/IsTruncated"), "true");
    let marker = page.text("ListUsersResult/Marker");
    let rest = house.send(&root, "ListUsers", &[("Marker", marker)]).await.ok();
    assert_eq!(rest.texts("ListUsersResult/Users/member/UserName"), ["cid"]);
    assert_eq!(rest.text("ListUsersResult/IsTruncated"), "false");
    let staff = house.send(&root, "ListUsers", &[("PathPrefix", "/staff/")]).await;
    assert_eq!(staff.texts("ListUsersResult/Users/member/UserName"), ["ann"]);

    let rename = [("UserName", "ann"), ("NewUserName", "anna"), ("NewPath", "/")];
    let renamed = house.send(&root, "UpdateUser", &rename).await.ok();
    assert_eq!(renamed.texts("UpdateUserResult"), [] as [&str; 0]);
    house
        .send(&root, "DeleteUser", &[("UserName", "anna")])
        .await
        .ok();
    let gone = house.send(&root, "GetUser", &[("UserName", "anna")]).await;
    let message = gone.error(404, "NoSuchEntity");
    assert_eq!(message, "The user with name anna cannot be found.");
}

#[tokio::test]
async fn a_caller_without_a_name_is_its_own_subject() {
    let (house, root) = House::new().await;
    let of_root = house.send(&root, "GetUser", &[]).await.ok();
    assert_eq!(
        of_root.text("GetUserResult/User/Arn"),
        "arn:aws:iam::000000000000:root"
    );
    let ann = house.user(&root, "ann").await;
    house.allow(&root, "ann", ALLOW_ALL).await;
    let of_ann = house.send(&ann, "GetUser", &[]).await.ok();
    assert_eq!(of_ann.text("GetUserResult/User/UserName"), "ann");
    let keys = house.send(&ann, "ListAccessKeys", &[]).await.ok();
    let member = "ListAccessKeysResult/AccessKeyMetadata/member";
    assert_eq!(keys.text(&format!("{member}/AccessKeyId")), ann.id);
    assert_eq!(keys.text(&format!("{member}/UserName")), "ann");
    let identity = house.send(&ann, "GetCallerIdentity", &[]).await.ok();
    let arn = "arn:aws:iam::000000000000:user/ann";
    assert_eq!(identity.text("GetCallerIdentityResult/Arn"), arn);
    assert_eq!(identity.text("GetCallerIdentityResult/Account"), "000000000000");
    let created = house.send(&root, "CreateAccessKey", &[]).await.ok();
    let key = created.client("CreateAccessKeyResult/AccessKey");
    let identity = house.send(&key, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(identity.text("GetCallerIdentityResult/UserId"), "000000000000");
}

#[tokio::test]
async fn access_keys_are_switched_off_and_deleted_at_once() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    house.send(&ann, "GetCallerIdentity", &[]).await.ok();
    let used = house
        .send(&root, "GetAccessKeyLastUsed", &[("AccessKeyId", &ann.id)])
        .await
        .ok();
    let last = "GetAccessKeyLastUsedResult/AccessKeyLastUsed/ServiceName";
    assert_eq!(
        (used.text("GetAccessKeyLastUsedResult/UserName"), used.text(last)),
        ("ann", "sts")
    );
    let off = [
        ("UserName", "ann"),
        ("AccessKeyId", &*ann.id),
        ("Status", "Inactive"),
    ];
    house.send(&root, "UpdateAccessKey", &off).await.ok();
    let refused = house.send(&ann, "GetCallerIdentity", &[]).await;
    refused.error(403, "InvalidClientTokenId");
    let on = [
        ("UserName", "ann"),
        ("AccessKeyId", &*ann.id),
        ("Status", "Active"),
    ];
    house.send(&root, "UpdateAccessKey", &on).await.ok();
    house.send(&ann, "GetCallerIdentity", &[]).await.ok();
    let key = [("UserName", "ann"), ("AccessKeyId", &*ann.id)];
    let conflict = house.send(&root, "DeleteUser", &[("UserName", "ann")]).await;
    conflict.error(409, "DeleteConflict");
    house.send(&root, "DeleteAccessKey", &key).await.ok();
    let refused = house.send(&ann, "GetCallerIdentity", &[]).await;
    refused.error(403, "InvalidClientTokenId");
}

#[tokio::test]
async fn managed_policies_have_versions_and_are_attached() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let new = [
        ("PolicyName", "all"),
        ("PolicyDocument", ALLOW_ALL),
        ("Description", "Everything"),
    ];
    let created = house.send(&root, "CreatePolicy", &new).await.ok();
    let arn = created.text("CreatePolicyResult/Policy/Arn").to_owned();
    assert_eq!(arn, "arn:aws:iam::000000000000:policy/all");
    assert_eq!(created.text("CreatePolicyResult/Policy/DefaultVersionId"), "v1");
    let attach = [("UserName", "ann"), ("PolicyArn", &*arn)];
    house.send(&root, "AttachUserPolicy", &attach).await.ok();
    house.send(&ann, "ListUsers", &[]).await.ok();
    let attached = house
        .send(&root, "ListAttachedUserPolicies", &[("UserName", "ann")])
        .await;
    let member = "ListAttachedUserPoliciesResult/AttachedPolicies/member/PolicyArn";
    assert_eq!(attached.text(member), arn);
    let entities = house
        .send(&root, "ListEntitiesForPolicy", &[("PolicyArn", &arn)])
        .await;
    let users = "ListEntitiesForPolicyResult/PolicyUsers/member/UserName";
    assert_eq!(entities.text(users), "ann");

    let deny = ALLOW_ALL.replace("Allow", "Deny");
    let version = [
        ("PolicyArn", &*arn),
        ("PolicyDocument", &*deny),
        ("SetAsDefault", "true"),
    ];
    let created = house.send(&root, "CreatePolicyVersion", &version).await.ok();
    assert_eq!(
        created.text("CreatePolicyVersionResult/PolicyVersion/VersionId"),
        "v2"
    );
    house
        .send(&ann, "ListUsers", &[])
        .await
        .error(403, "AccessDenied");
    let versions = house
        .send(&root, "ListPolicyVersions", &[("PolicyArn", &arn)])
        .await;
    let ids = "ListPolicyVersionsResult/Versions/member/VersionId";
    assert_eq!(versions.texts(ids), ["v2", "v1"]);
    let first = [("PolicyArn", &*arn), ("VersionId", "v1")];
    let version = house.send(&root, "GetPolicyVersion", &first).await.ok();
    let document = version.text("GetPolicyVersionResult/PolicyVersion/Document");
    assert!(
        document.starts_with("%7B%22Version%22%3A%20%222012-10-17%22"),
        "{document}"
    );
    house.send(&root, "SetDefaultPolicyVersion", &first).await.ok();
    house.send(&ann, "ListUsers", &[]).await.ok();
    let default = house.send(&root, "DeletePolicyVersion", &first).await;
    default.error(409, "DeleteConflict");
    let second = [("PolicyArn", &*arn), ("VersionId", "v2")];
    house.send(&root, "DeletePolicyVersion", &second).await.ok();
    let in_use = house.send(&root, "DeletePolicy", &[("PolicyArn", &arn)]).await;
    in_use.error(409, "DeleteConflict");
    house.send(&root, "DetachUserPolicy", &attach).await.ok();
    house
        .send(&root, "DeletePolicy", &[("PolicyArn", &arn)])
        .await
        .ok();
    let gone = house.send(&root, "GetPolicy", &[("PolicyArn", &arn)]).await;
    gone.error(404, "NoSuchEntity");
}

#[tokio::test]
async fn groups_give_their_policies_to_members() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let created = house
        .send(&root, "CreateGroup", &[("GroupName", "staff")])
        .await
        .ok();
    let arn = "arn:aws:iam::000000000000:group/staff";
    assert_eq!(created.text("CreateGroupResult/Group/Arn"), arn);
    let policy = [
        ("GroupName", "staff"),
        ("PolicyName", "all"),
        ("PolicyDocument", ALLOW_ALL),
    ];
    house.send(&root, "PutGroupPolicy", &policy).await.ok();
    let member = [("GroupName", "staff"), ("UserName", "ann")];
    house.send(&root, "AddUserToGroup", &member).await.ok();
    house.send(&ann, "ListGroups", &[]).await.ok();
    let group = house
        .send(&root, "GetGroup", &[("GroupName", "staff")])
        .await
        .ok();
    assert_eq!(group.text("GetGroupResult/Users/member/UserName"), "ann");
    let groups = house
        .send(&root, "ListGroupsForUser", &[("UserName", "ann")])
        .await;
    assert_eq!(
        groups.text("ListGroupsForUserResult/Groups/member/GroupName"),
        "staff"
    );
    house.send(&root, "RemoveUserFromGroup", &member).await.ok();
    house
        .send(&ann, "ListGroups", &[])
        .await
        .error(403, "AccessDenied");
}
