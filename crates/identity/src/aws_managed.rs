//! Managed policies that all accounts have, with the names and meanings of AWS's. (AWS Managed Policy Reference Guide.)

/// Managed policy that all accounts have. Nobody can change it.
pub(crate) struct AwsManaged {
    pub(crate) name: &'static str,
    /// Unique id.
    pub(crate) id: &'static str,
    pub(crate) arn: &'static str,
    pub(crate) description: &'static str,
    pub(crate) document: &'static str,
}

/// The policies, in the order of their names.
pub(crate) const ALL: [AwsManaged; 6] = [
    AwsManaged {
        name: "AdministratorAccess",
        id: "ANPASTRONGROOMADMIN00",
        arn: "arn:aws:iam::aws:policy/AdministratorAccess",
        description: "Provides full access to all services and resources.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManaged {
        name: "AmazonS3FullAccess",
        id: "ANPASTRONGROOMS3FULL0",
        arn: "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        description: "Provides full access to all buckets.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManaged {
        name: "AmazonS3ReadOnlyAccess",
        id: "ANPASTRONGROOMS3READ0",
        arn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        description: "Provides read only access to all buckets.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:Get*",
                "s3:List*",
                "s3:Describe*"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManaged {
        name: "IAMFullAccess",
        id: "ANPASTRONGROOMIAMFULL",
        arn: "arn:aws:iam::aws:policy/IAMFullAccess",
        description: "Provides full access to IAM.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "iam:*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManaged {
        name: "IAMReadOnlyAccess",
        id: "ANPASTRONGROOMIAMREAD",
        arn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        description: "Provides read only access to IAM.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsManaged {
        name: "ReadOnlyAccess",
        id: "ANPASTRONGROOMALLREAD",
        arn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
        description: "Provides read only access to all services and resources.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:Get*",
                "s3:List*",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy",
                "kms:Describe*",
                "kms:Get*",
                "kms:List*"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
];

/// Returns the policy with this ARN. Names are compared without case, as those of accounts' policies are.
pub(crate) fn by_arn(arn: &str) -> Option<&'static AwsManaged> {
    ALL.iter().find(|policy| policy.arn.eq_ignore_ascii_case(arn))
}
