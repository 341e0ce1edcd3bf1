"""Versioning, Object Lock and tags of a bucket."""

import pytest

from support.documents import get, put, refused
from support.raw import path_of, send


def test_versioning(server, s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ["Suspended", "Enabled", "Suspended"]:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status
    root = "VersioningConfiguration"
    none = put(server, bucket, "versioning", f"<{root}/>")
    none.is_error(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
    put(server, bucket, "versioning", f"<{root}><Status>On</Status></{root}>").is_error(400, "MalformedXML")
    put(server, bucket, "versioning", "").is_error(400, "MissingRequestBodyError")
    mfa = f"<{root}><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></{root}>"
    put(server, bucket, "versioning", mfa).is_error(501, "NotImplemented")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"


def test_settings_survive_a_restart(start_server, bucket_name):
    server = start_server()
    server.s3().create_bucket(Bucket=bucket_name)
    server.s3().put_bucket_versioning(Bucket=bucket_name, VersioningConfiguration={"Status": "Enabled"})
    server.kill()
    server.start()
    assert server.s3().get_bucket_versioning(Bucket=bucket_name)["Status"] == "Enabled"


def lock(**retention):
    rule = {"Rule": {"DefaultRetention": retention}} if retention else {}
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}


def test_object_lock(server, s3, bucket):
    code = "ObjectLockConfigurationNotFoundError"
    assert refused(s3.get_object_lock_configuration, code, Bucket=bucket) == 404
    wants = {"Bucket": bucket, **lock(Mode="GOVERNANCE", Days=3)}
    assert refused(s3.put_object_lock_configuration, "InvalidBucketState", **wants) == 409
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for given in [lock(Mode="GOVERNANCE", Days=3), lock(), lock(Mode="COMPLIANCE", Years=1)]:
        s3.put_object_lock_configuration(Bucket=bucket, **given)
        reported = s3.get_object_lock_configuration(Bucket=bucket)
        assert reported["ObjectLockConfiguration"] == given["ObjectLockConfiguration"]
    suspended = {"Status": "Suspended"}
    conflict = {"Bucket": bucket, "VersioningConfiguration": suspended}
    assert refused(s3.put_bucket_versioning, "InvalidBucketState", **conflict) == 409
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


@pytest.mark.parametrize(
    "content, code",
    [
        ("", "MalformedXML"),
        ("<ObjectLockEnabled>Disabled</ObjectLockEnabled>", "MalformedXML"),
        ("<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule/>", "MalformedXML"),
        ("{}<Mode>GOVERNANCE</Mode>", "MalformedXML"),
        ("{}<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "MalformedXML"),
        ("{}<Mode>OTHER</Mode><Days>1</Days>", "MalformedXML"),
        ("{}<Mode>GOVERNANCE</Mode><Days>3O</Days>", "MalformedXML"),
        ("{}<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidArgument"),
        ("{}<Mode>GOVERNANCE</Mode><Days>36501</Days>", "InvalidArgument"),
        ("{}<Mode>GOVERNANCE</Mode><Years>101</Years>", "InvalidArgument"),
    ],
)
def test_invalid_object_locks(server, s3, bucket, content, code):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if content.startswith("{}"):
        start = "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
        content = f"{start}{content[2:]}</DefaultRetention></Rule>"
    document = f"<ObjectLockConfiguration>{content}</ObjectLockConfiguration>"
    put(server, bucket, "object-lock", document).is_error(400, code)
    assert get(server, bucket, "object-lock").status == 404


def test_a_bucket_created_with_object_lock(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=bucket_name)["Status"] == "Enabled"
    reported = s3.get_object_lock_configuration(Bucket=bucket_name)
    assert reported["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


TAGS = [{"Key": "a", "Value": "1 + =ü@"}, {"Key": "b", "Value": ""}]


def test_tags(s3, bucket):
    assert refused(s3.get_bucket_tagging, "NoSuchTagSet", Bucket=bucket) == 404
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS[1:]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS[1:]
    for _ in range(2):
        deleted = s3.delete_bucket_tagging(Bucket=bucket)
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_tagging, "NoSuchTagSet", Bucket=bucket) == 404


def test_invalid_tags(s3, bucket):
    for tags, code in [
        ([("a", "1"), ("a", "2")], "InvalidTag"),
        ([("aws:a", "1")], "InvalidTag"),
        ([("a" * 129, "1")], "InvalidTag"),
        ([("a", "1" * 257)], "InvalidTag"),
        ([("a", "<")], "InvalidTag"),
        ([(str(number), "") for number in range(51)], "BadRequest"),
    ]:
        given = {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
        assert refused(s3.put_bucket_tagging, code, Bucket=bucket, Tagging=given) == 400
    given = {"TagSet": [{"Key": str(number), "Value": ""} for number in range(50)]}
    s3.put_bucket_tagging(Bucket=bucket, Tagging=given)
    assert len(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == 50


def test_a_bucket_created_with_tags(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"Tags": TAGS})
    assert s3.get_bucket_tagging(Bucket=bucket_name)["TagSet"] == TAGS


def test_nothing_in_a_document_is_ignored(server, s3, bucket):
    """CDATA is text; an unknown element or a document type is an error, however the protocol library treats them."""
    tag = "<Tag><Key>{}</Key><Value>{}</Value></Tag>"
    document = "<Tagging><TagSet>{}</TagSet></Tagging>"
    assert put(server, bucket, "tagging", document.format(tag.format("a<![CDATA[b]]>c", "&#x41;"))).status == 200
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "abc", "Value": "A"}]
    for wrong in [
        "<Tagging/>", "<Tagging><TagSet/><TagSet/></Tagging>", "<Tagging><TagSet/>x</Tagging>", "<Other/>", "rubbish",
        document.format("<Tag><Key>a</Key></Tag>"), document.format("<Tag><Key>a</Key><Value/><Other/></Tag>"),
        '<!DOCTYPE Tagging [<!ENTITY x "y">]>' + document.format(tag.format("&x;", "")),
    ]:  # fmt: skip
        put(server, bucket, "tagging", wrong).is_error(400, "MalformedXML")
    put(server, bucket, "tagging", document.format(tag.format("", "1"))).is_error(400, "InvalidTag")
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "abc", "Value": "A"}]


@pytest.mark.parametrize("name", ["tagging", "cors", "lifecycle", "encryption", "object-lock"])
def test_documents_without_a_digest(server, bucket, name):
    response = send(server, "PUT", path_of(bucket), query=f"{name}=", body=b"<x/>")
    response.is_error(
        400, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    )
    put(server, bucket, name, "<x/>", **{"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}).is_error(400, "BadDigest")


@pytest.mark.parametrize("query", ["tagging=&policy=", "acl=&tagging=", "versioning=&versioning="])
def test_two_sub_resources_are_refused(server, bucket, query):
    send(server, "GET", path_of(bucket), query=query).is_error(400, "InvalidArgument")
