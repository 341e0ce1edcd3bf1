"""Settings that a bucket does not have: reported as on AWS, and never created by a request."""

import pytest

from support.documents import get, put, refused
from support.raw import path_of, send


def test_empty_settings(s3, bucket):
    for operation, reported in [
        (s3.get_bucket_accelerate_configuration, {}),
        (s3.get_bucket_logging, {}),
        (s3.get_bucket_notification_configuration, {}),
        (s3.get_bucket_request_payment, {"Payer": "BucketOwner"}),
        (s3.list_bucket_analytics_configurations, {"IsTruncated": False}),
        (s3.list_bucket_intelligent_tiering_configurations, {"IsTruncated": False}),
        (s3.list_bucket_inventory_configurations, {"IsTruncated": False}),
        (s3.list_bucket_metrics_configurations, {"IsTruncated": False}),
    ]:
        response = operation(Bucket=bucket)
        response.pop("ResponseMetadata")
        assert response == reported, operation


@pytest.mark.parametrize("name", ["analytics", "intelligent-tiering", "inventory", "metrics"])
def test_named_configurations(server, bucket, name):
    for method in ["GET", "DELETE"]:
        response = send(server, method, path_of(bucket), query=f"{name}=&id=1")
        response.is_error(404, "NoSuchConfiguration", "The specified configuration does not exist.")
    put(server, bucket, f"id=1&{name}", "<x/>").is_error(501, "NotImplemented")


def test_missing_settings(server, s3, bucket):
    assert refused(s3.get_bucket_website, "NoSuchWebsiteConfiguration", Bucket=bucket) == 404
    code = "ReplicationConfigurationNotFoundError"
    assert refused(s3.get_bucket_replication, code, Bucket=bucket) == 404
    for name in ["website", "replication"]:
        assert send(server, "DELETE", path_of(bucket), query=f"{name}=").status == 204
        put(server, bucket, name, "<x/>").is_error(501, "NotImplemented")


def test_disabling_disabled_settings(server, bucket):
    rules = {
        "logging": ("BucketLoggingStatus", "", "<LoggingEnabled/>"),
        "notification": ("NotificationConfiguration", "", "<EventBridgeConfiguration/>"),
        "requestPayment": ("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>", "<Payer>Requester</Payer>"),
    }
    for name, (root, off, on) in rules.items():
        before = get(server, bucket, name).body
        assert put(server, bucket, name, f"<{root}>{off}</{root}>").status == 200
        response = put(server, bucket, name, f"<{root}>{on}</{root}>")
        assert response.status in (400, 501), response
        assert response.error["Code"] in ("NotImplemented", "MalformedXML")
        assert get(server, bucket, name).body == before
    document = "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>"
    put(server, bucket, "accelerate", document).is_error(501, "NotImplemented")


OFFERED = [
    "accelerate", "acl", "cors", "encryption", "lifecycle", "logging", "notification", "object-lock", "ownershipControls",
    "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "tagging", "versioning", "website",
]  # fmt: skip


@pytest.mark.parametrize("name", OFFERED)
def test_every_operation_needs_the_bucket(server, bucket_name, name):
    get(server, bucket_name, name).is_error(404, "NoSuchBucket")
    assert send(server, "DELETE", path_of(bucket_name), query=f"{name}=").status >= 400
