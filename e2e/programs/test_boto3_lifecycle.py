"""boto3 and the lifecycle of a bucket."""

import pytest
from botocore.exceptions import ClientError


def test_the_lifecycle_of_a_bucket(s3, bucket):
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    s3.put_object(Bucket=bucket, Key="logs/1")
    s3.put_object(Bucket=bucket, Key="other")
    assert 'rule-id="old"' in s3.head_object(Bucket=bucket, Key="logs/1")["Expiration"]
    assert "Expiration" not in s3.head_object(Bucket=bucket, Key="other")
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert error.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"
