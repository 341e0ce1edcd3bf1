"""Lifecycle rules: setting and reading them."""

from datetime import UTC, datetime

import pytest

from support.documents import get, put, refused
from support.raw import path_of, send

RULES = [
    {
        "ID": "logs",
        "Status": "Enabled",
        "Filter": {
            "And": {
                "Prefix": "logs/",
                "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}],
                "ObjectSizeGreaterThan": 500,
                "ObjectSizeLessThan": 5_000_000_000,
            }
        },
        "Expiration": {"Days": 30},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3},
    },
    {
        "ID": "dated",
        "Status": "Disabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Date": datetime(2031, 5, 1, tzinfo=UTC)},
    },
    {"ID": "tag", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 1}},
    {"ID": "size", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 9}, "Expiration": {"Days": 1}},
    {
        "ID": "clean",
        "Status": "Enabled",
        "Prefix": "old form/",
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
    },
]


def test_rules(s3, bucket):
    code = "NoSuchLifecycleConfiguration"
    assert refused(s3.get_bucket_lifecycle_configuration, code, Bucket=bucket) == 404
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": RULES})
    reported = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert reported["Rules"] == RULES
    assert reported["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    for _ in range(2):
        assert s3.delete_bucket_lifecycle(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_lifecycle_configuration, code, Bucket=bucket) == 404


GOOD = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}


@pytest.mark.parametrize(
    "change, code",
    [
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
        ({"Expiration": {"Date": datetime(2031, 5, 1, 12, tzinfo=UTC)}}, "InvalidArgument"),
        ({"Expiration": {}}, "MalformedXML"),
        ({"Status": "enabled"}, "MalformedXML"),
        ({"ID": "x" * 256}, "InvalidArgument"),
        ({"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}, "NotImplemented"),
        ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]}, "NotImplemented"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "InvalidArgument"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}}, "InvalidArgument"),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}}, "InvalidArgument"),
        ({"Filter": {"Tag": {"Key": "aws:a", "Value": ""}}}, "InvalidTag"),
    ],
)
def test_invalid_rules(s3, bucket, change, code):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [GOOD]})
    rules = {"Rules": [{**GOOD, **change, "ID": change.get("ID", "other")}, GOOD]}
    refused(s3.put_bucket_lifecycle_configuration, code, Bucket=bucket, LifecycleConfiguration=rules)
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [GOOD]


def test_names_of_rules(s3, bucket):
    twice = {"Rules": [GOOD, GOOD]}
    refused(s3.put_bucket_lifecycle_configuration, "InvalidArgument", Bucket=bucket, LifecycleConfiguration=twice)
    nameless = {name: value for name, value in GOOD.items() if name != "ID"}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [nameless, nameless]})
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert len({rule["ID"] for rule in rules}) == 2


def test_documents_that_a_lenient_parser_would_read_as_a_rule_for_all_objects(server, s3, bucket):
    """An unknown condition, text beside elements, a number with a letter."""
    rule = "<Rule><ID>r</ID><Status>Enabled</Status><Filter>{}</Filter><Expiration><Days>{}</Days></Expiration></Rule>"
    document = "<LifecycleConfiguration>{}</LifecycleConfiguration>"
    for content, days in [("<Prefx>logs/</Prefx>", "1"), ("logs/<Prefix/>", "1"), ("", "3O"), ("", "1 0")]:
        response = put(server, bucket, "lifecycle", document.format(rule.format(content, days)))
        response.is_error(400, "MalformedXML")
    assert get(server, bucket, "lifecycle").status == 404
    response = put(server, bucket, "lifecycle", document.format(rule.format("<Prefix><![CDATA[logs/]]></Prefix>", "1")))
    assert response.status == 200
    [reported] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert reported["Filter"] == {"Prefix": "logs/"}


def test_the_minimum_object_size_of_transitions(server, bucket):
    rule = "<Rule><ID>r</ID><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
    document = f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>"
    name = "x-amz-transition-default-minimum-object-size"
    response = put(server, bucket, "lifecycle", document, **{name: "all_storage_classes_128K"})
    assert response.status == 200 and response.headers[name] == "all_storage_classes_128K"
    put(server, bucket, "lifecycle", document, **{name: "varies_by_storage_class"}).is_error(501, "NotImplemented")
    assert send(server, "DELETE", path_of(bucket), query="lifecycle=").status == 204
