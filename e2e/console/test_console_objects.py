"""Buckets and objects in the browser: create, upload, list, download, versions, delete."""

import hashlib
import http.client
import secrets
import ssl
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from support.audit_log import requests
from support.console import choose_files, stored

MIB = 1 << 20


def test_a_bucket_is_created_filled_and_deleted(signed_in, served, bucket_name, tmp_path):
    page = signed_in.page
    page.get_by_role("link", name="Create bucket").click()
    page.get_by_label("Name").fill("No_Name")
    page.get_by_role("button", name="Create bucket").click()
    expect(page.get_by_role("alert").first).to_contain_text("not a valid bucket name")
    page.get_by_label("Name").fill(bucket_name)
    page.get_by_role("button", name="Create bucket").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()

    small, large = secrets.token_bytes(3000), secrets.token_bytes(20 * MIB + 7)
    (tmp_path / "small.txt").write_bytes(small)
    (tmp_path / "large.bin").write_bytes(large)
    choose_files(page, [tmp_path / "small.txt", tmp_path / "large.bin"])
    stored(page, 2)
    expect(page.get_by_role("link", name="large.bin", exact=True)).to_be_visible()
    expect(page.locator("tbody tr").filter(has_text="large.bin")).to_contain_text("20.0 MiB")
    s3 = served.s3()
    for name, content in [("small.txt", small), ("large.bin", large)]:
        assert s3.get_object(Bucket=bucket_name, Key=name)["Body"].read() == content
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download {name}").click()
        assert download.value.suggested_filename == name
        assert download.value.path().read_bytes() == content
    assert "-3" in s3.head_object(Bucket=bucket_name, Key="large.bin")["ETag"]
    assert s3.head_object(Bucket=bucket_name, Key="small.txt")["ContentType"] == "text/plain"

    # Without versions a deletion is for good, and takes a word.
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="Delete selected...").click()
    expect(page.get_by_role("heading", name="Delete 2 objects for good?")).to_be_visible()
    page.get_by_label("Type delete to confirm").fill("delete")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Delete bucket...").click()
    page.get_by_label(f"Type {bucket_name} to confirm").fill(bucket_name)
    page.get_by_role("button", name="Delete bucket").click()
    expect(page.get_by_role("heading", name="Buckets")).to_be_visible()
    assert bucket_name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    # The audit log has a line for each change.
    changes = [line for line in requests(served) if line.get("bucket") == bucket_name]
    assert {line["result"] for line in changes} == {"ok"}
    assert {line["principal"] for line in changes} == {"arn:aws:iam::000000000000:root"}
    found = [(line["operation"].removeprefix("console:"), line.get("key"), line["category"]) for line in changes]
    assert found[0] == ("CreateBucket", None, "settings") and found[-1] == ("DeleteBucket", None, "settings")
    assert ("PutObject", "small.txt", "writes") in found and ("UploadPart", "large.bin", "writes") in found
    deleted = [key for operation, key, _ in found if operation == "DeleteObject"]
    assert sorted(deleted) == ["large.bin", "small.txt"]


def test_folders_prefixes_and_pages(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    for number in range(205):
        s3.put_object(Bucket=bucket, Key=f"log/{number:03}.txt", Body=b"x")
    s3.put_object(Bucket=bucket, Key="top.txt", Body=b"x")
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="log/").click()
    expect(rows).to_have_count(100)
    expect(page.get_by_role("heading", level=1)).to_have_text("log/")
    page.get_by_role("link", name="Next 100").click()
    expect(rows.first).to_contain_text("100.txt")
    page.get_by_role("link", name="Next 100").click()
    expect(rows).to_have_count(5)
    expect(page.get_by_role("link", name="Next 100")).to_have_count(0)
    page.go_back()
    expect(rows.first).to_contain_text("100.txt")
    # The keyboard leads to the field, which seeks in the index.
    page.keyboard.press("/")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(5)
    page.get_by_label("Names that start with").fill("zzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Names that contain").fill("5.t")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(20)
    expect(page.get_by_text("205 names searched so far. That is all of them.")).to_be_visible()
    # No page was loaded anew since the first.
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_versions_are_shown_restored_and_brought_back(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"first", Tagging="a=b")["VersionId"]
    s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"second, longer")
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}")
    page.get_by_role("link", name="plan.txt", exact=True).click()
    expect(page.locator("section:has(#versions) tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("section:has(#versions) tbody tr")).to_have_count(3)
    assert s3.get_object(Bucket=bucket, Key="plan.txt")["Body"].read() == b"first"
    assert s3.get_object_tagging(Bucket=bucket, Key="plan.txt")["TagSet"] == [{"Key": "a", "Value": "b"}]

    page.get_by_role("button", name="Delete...", exact=True).click()
    expect(page.get_by_text("can be brought back")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    page.get_by_role("switch", name="Versions and deleted").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="plan.txt").first.click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    assert s3.get_object(Bucket=bucket, Key="plan.txt")["Body"].read() == b"first"
    # One version for good.
    row = page.locator("section:has(#versions) tbody tr").filter(has=page.locator(f"a[href*='{first}']"))
    row.get_by_role("button", name="Delete for good...").click()
    page.get_by_label("Type delete to confirm").fill("delete")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("section:has(#versions) tbody tr")).to_have_count(2)
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert first not in [version["VersionId"] for version in versions]


def test_settings_are_changed(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}/settings")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    page.get_by_role("button", name="Block own keys").click()
    expect(page.get_by_role("button", name="Allow own keys")).to_be_visible()
    with pytest.raises(s3.exceptions.ClientError, match="403|AccessDenied"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    page.get_by_role("button", name="Allow public policies").click()
    expect(page.get_by_role("button", name="Block public access")).to_be_visible()
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchPublicAccessBlock"):
        s3.get_public_access_block(Bucket=bucket)


def test_without_scripts_pages_can_be_read_and_forms_work(open_browser, served, own_bucket):
    s3, bucket = own_bucket
    content = secrets.token_bytes(100_000)
    s3.put_object(Bucket=bucket, Key="a/b.bin", Body=content)
    browser = open_browser(java_script_enabled=False)
    browser.sign_in(served)
    page = browser.page
    page.get_by_role("link", name=bucket).click()
    page.get_by_role("link", name="a/").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download b.bin").click()
    assert download.value.path().read_bytes() == content
    # What needs scripts is not shown.
    expect(page.get_by_role("button", name="Upload")).to_have_count(0)
    page.get_by_label("Select b.bin").check()
    page.get_by_role("button", name="Delete selected...").click()
    page.get_by_label("Type delete to confirm").fill("delete")
    page.get_by_role("button", name="Delete for good").click()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_broken_upload_is_listed_and_aborted(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    s3.create_multipart_upload(Bucket=bucket, Key="half.bin")
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Unfinished uploads").click()
    expect(page.locator("tbody tr")).to_contain_text("half.bin")
    page.get_by_role("button", name="Abort").click()
    expect(page.get_by_role("heading", name="Nothing is unfinished")).to_be_visible()
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_killed_server_makes_a_download_fail(browser, start_server):
    server = start_server()
    s3 = server.s3()
    s3.create_bucket(Bucket="vault")
    s3.upload_fileobj(_Zeros(256 * MIB), "vault", "large.bin")
    browser.sign_in(server)
    page = browser.page
    page.goto(f"{server.console}/b/vault")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download large.bin").click()
    server.kill()
    assert download.value.failure()


class _Zeros:
    """A file of zeros."""

    def __init__(self, length):
        self.left = length

    def read(self, size=-1):
        size = self.left if size < 0 else min(size, self.left)
        self.left -= size
        return bytes(size)


def test_the_hash_of_what_was_dropped_is_that_of_what_is_stored(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}?prefix=in/")
    text = "dropped " * 1000
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
            for (const name of ["dragenter", "dragover", "drop"])
                document.querySelector("main").dispatchEvent(
                    new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    page.get_by_role("dialog").get_by_role("button", name="Upload").click()
    stored(page, 1)
    body = s3.get_object(Bucket=bucket, Key="in/dropped.txt")["Body"].read()
    assert hashlib.sha256(body).digest() == hashlib.sha256(text.encode()).digest()


def test_a_link_is_made_for_others(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    for key in ["a b/plan+ü&%.txt", "x//../y"]:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        page = signed_in.page
        page.goto(f"{served.console}/b/{bucket}/share?key={quote(key, safe='')}")
        page.get_by_label("Valid for").select_option("15 minutes")
        page.get_by_role("button", name="Make a link").click()
        link = page.locator(".command code").first.inner_text()
        context = ssl.create_default_context(cafile=served.ca_file)
        connection = http.client.HTTPSConnection(urlsplit(link).netloc, context=context)
        connection.request("GET", link.removeprefix(served.https))
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, key.encode())
        assert "X-Amz-Expires=900" in link
        connection.close()
