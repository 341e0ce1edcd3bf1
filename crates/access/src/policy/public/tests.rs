use crate::policy::Policy;

fn is_public(effect: &str, principal: &str, condition: &str) -> bool {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Principal": {principal},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Condition": {condition}}}}}"#
    );
    match Policy::parse(&text, "b") {
        Ok(policy) => policy.is_public(),
        Err(error) => panic!("{text}: {error} {}", error.hint()),
    }
}

#[test]
fn everybody_is_public_and_somebody_is_not() {
    for (effect, principal, expected) in [
        ("Allow", r#""*""#, true),
        ("Allow", r#"{"AWS": "*"}"#, true),
        ("Allow", r#"{"AWS": ["000000000000", "*"]}"#, true),
        ("Allow", r#"{"Federated": "graph.facebook.com"}"#, true),
        ("Allow", r#"{"AWS": "000000000000"}"#, false),
        ("Allow", r#"{"AWS": "arn:aws:iam::123456789012:user/ann"}"#, false),
        ("Allow", r#"{"Service": "cloudtrail.amazonaws.com"}"#, false),
        ("Deny", r#""*""#, false),
    ] {
        assert_eq!(
            is_public(effect, principal, "{}"),
            expected,
            "{effect} {principal}"
        );
    }
}

#[test]
fn fixed_values_of_certain_keys_narrow() {
    for (condition, expected) in [
        (r#"{"StringLike": {"aws:SourceVpc": "vpc-*"}}"#, true),
        (r#"{"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}"#, false),
        (r#"{"StringLike": {"aws:SourceVpc": "vpc-91237329"}}"#, false),
        (r#"{"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-?"]}}"#, true),
        (r#"{"StringEquals": {"AWS:sourcevpce": "vpce-1"}}"#, false),
        (r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}"#, true),
        (r#"{"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}"#, true),
        (
            r#"{"ForAllValues:StringEquals": {"aws:SourceVpc": "vpc-1"}}"#,
            true,
        ),
        (
            r#"{"ForAnyValue:StringEquals": {"aws:SourceVpc": "vpc-1"}}"#,
            false,
        ),
        (r#"{"Null": {"aws:SourceVpc": "false"}}"#, true),
        (r#"{"StringEquals": {"aws:SourceVpc": "${aws:username}"}}"#, true),
        (r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#, false),
        (
            r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]}}"#,
            false,
        ),
        (r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#, true),
        (r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}"#, true),
        (
            r#"{"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "::/0"]}}"#,
            true,
        ),
        (r#"{"IpAddress": {"aws:SourceIp": "2001::/31"}}"#, true),
        (r#"{"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#, true),
        (r#"{"IpAddress": {"aws:VpcSourceIp": "192.0.2.0/24"}}"#, true),
        (
            r#"{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:topic"}}"#,
            false,
        ),
        (
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:*"}}"#,
            true,
        ),
        (
            r#"{"StringEquals": {"aws:SourceAccount": "123456789012"}}"#,
            false,
        ),
        (r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#, false),
        (
            r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/ann"}}"#,
            false,
        ),
        (
            r#"{"StringEquals": {"aws:PrincipalAccount": "123456789012"}}"#,
            false,
        ),
        (r#"{"StringEquals": {"aws:PrincipalAccount": "anonymous"}}"#, true),
        (r#"{"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}"#, false),
        (r#"{"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}"#, true),
        (r#"{"StringEquals": {"aws:userid": "AROAEXAMPLE:session"}}"#, true),
        (
            r#"{"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:x:1:key/k"}}"#,
            false,
        ),
        (
            r#"{"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}"#,
            false,
        ),
        (
            r#"{"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012:accesspoint/*"}}"#,
            false,
        ),
        (
            r#"{"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/a"}}"#,
            true,
        ),
        (
            r#"{"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/a"}}"#,
            true,
        ),
        (
            r#"{"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:123456789012*"}}"#,
            true,
        ),
        (
            r#"{"StringEquals": {"aws:Referer": "https://example.com/"}}"#,
            true,
        ),
        (
            r#"{"StringEquals": {"aws:Referer": "x"}, "IpAddress": {"aws:SourceIp": "192.0.2.7/32"}}"#,
            false,
        ),
        (r#"{"Bool": {"aws:SecureTransport": "true"}}"#, true),
    ] {
        assert_eq!(is_public("Allow", r#""*""#, condition), expected, "{condition}");
        assert!(
            !is_public("Allow", r#"{"AWS": "000000000000"}"#, condition),
            "{condition}"
        );
    }
}

#[test]
fn one_public_statement_makes_the_policy_public() {
    let statement = |principal: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#
        )
    };
    let policy = |principals: &[&str]| {
        let statements: Vec<String> = principals.iter().map(|principal| statement(principal)).collect();
        Policy::parse(&format!(r#"{{"Statement": [{}]}}"#, statements.join(",")), "b").unwrap()
    };
    let somebody = r#"{"AWS": "000000000000"}"#;
    assert!(!policy(&[somebody, somebody]).is_public());
    assert!(policy(&[somebody, r#""*""#]).is_public());
}
