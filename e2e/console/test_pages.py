"""Every page: accessible in both themes, whole at any width, light, and safe from names that others chose."""

import gzip
import http.client
import re
import ssl
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from support.browser import OVERFLOW
from support.console import Raw

MARK = "<img src=x onerror=window.__ran=1>"
NAMES = [
    MARK,
    "<script>window.__ran=1</script>",
    '"><svg onload=window.__ran=1>',
    "'-window.__ran=1-'",
    "javascript:window.__ran=1",
    "{{window.__ran=1}}${window.__ran=1}",
    "<!--",
    "]]>",
    "&lt;b&gt;&amp;",
    "</title><script>window.__ran=1</script>",
    "x\u202egpj.exe",
    "\u200bzero\u200dwidth\ufeff",
    "tab\there",
    "line\nbreak\rreturn",
    "\x01\x7f control \x1b[31m",
    " leading and trailing ",
    "..",
    ".",
    "../../etc/passwd",
    "a//b",
    "/leading",
    "trailing/",
    "//",
    "%2e%2e%2f",
    "100%",
    "a+b c",
    "a%20b",
    "?query#fragment",
    "back\\slash",
    "c:\\windows\\con.txt",
    "CON",
    "*.txt",
    "semi;colon,comma",
    "quote'double\"back`",
    "emoji \U0001f511\U0001f3f3\ufe0f\u200d\U0001f308",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "e\u0301 \u00e9",
    "\u0e01\u0e4a\u0e4a\u0e4a\u0e4a\u0e4a\u0e4a\u0e4a",
    "\u5b57" * 300,
    "a" * 1024,
    "a" * 300 + "/" + "b" * 300 + "/c",
    ("w " * 511)[:1024],
    "\u00ad" * 100,
    "data:text/html,<script>window.__ran=1</script>",
    "null",
    "undefined",
    "constructor",
    "__proto__",
    "-rf",
    "--help",
    "=cmd|' /C calc'!A0",
    "%00",
    "%0d%0aSet-Cookie: a=b",
    "filename=\"x\"; filename*=UTF-8''y",
    "\u2028line\u2029paragraph",
    "\U000e0041tag",
    "~",
    "@",
    "0",
    "a:b:c",
]


@pytest.fixture(scope="module")
def hostile(served):
    """A bucket with objects of hostile names, each with two versions, and one under a key of its owner."""
    s3 = served.s3(s3={"addressing_style": "path"})
    bucket = "hostile-names"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name in NAMES:
        # As no name of S3: boto3 normalizes these paths.
        key = name if name not in (".", "..") and not name.startswith("/") else f"x/{name}"
        s3.put_object(Bucket=bucket, Key=key, Body=b"<script>window.__ran=1</script>", ContentType="text/html")
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    s3.put_object(Bucket=bucket, Key=f"own {MARK}", Body=b"x", **own)
    meta = {"note": "a" * 200, "mark": "<script>window.__ran=1</script>"}
    s3.put_object(Bucket=bucket, Key="metadata", Body=b"x", Metadata=meta, ContentType=MARK, ContentDisposition=MARK)
    policy = '{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Deny","Principal":"*","Action":"s3:PutBucketTagging","Resource":"arn:aws:s3:::hostile-names"}]}'
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(keys) == len(NAMES) + 2
    return bucket, keys


def pages_of(hostile):
    bucket, keys = hostile
    own = quote(f"own {MARK}", safe="")
    return [
        "/buckets",
        "/buckets?q=nothing-begins-so",
        "/buckets/new",
        "/keys",
        "/account",
        f"/b/{bucket}",
        f"/b/{bucket}?show=versions",
        f"/b/{bucket}?q={quote(MARK, safe='')}nothing",
        f"/b/{bucket}?prefix=a//",
        f"/b/{bucket}/object?key={own}",
        f"/b/{bucket}/object?key=metadata",
        f"/b/{bucket}/download?key={own}",
        f"/b/{bucket}/download?key={own}&e=wrong-key",
        f"/b/{bucket}/search?contains=script",
        f"/b/{bucket}/search?contains=nothing-like-this",
        f"/b/{bucket}/share?key=metadata",
        f"/b/{bucket}/share?key={own}",
        f"/b/{bucket}/uploads",
        f"/b/{bucket}/settings",
        f"/b/{bucket}/delete",
        "/b/no-such-bucket",
        "/nowhere",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(open_browser, served, hostile, scheme):
    browser = open_browser(color_scheme=scheme)
    page = browser.page
    page.goto(f"{served.console}/sign-in")
    assert browser.faults() == []
    page.goto(f"{served.console}/sign-in?by=password")
    assert browser.faults() == []
    browser.sign_in(served)
    faults = {}
    for path in pages_of(hostile):
        page.goto(served.console + path)
        expect(page.locator("h1")).to_have_count(1)
        if found := browser.faults():
            faults[path] = found
        for width in [1280, 768, 375, 320]:
            page.set_viewport_size({"width": width, "height": 800})
            if (overflow := page.evaluate(OVERFLOW)) > 0:
                faults[f"{path} at {width}"] = overflow
        if found := browser.faults():
            faults[f"{path} when narrow"] = found
        page.set_viewport_size({"width": 1280, "height": 800})
    assert faults == {}
    assert page.evaluate("window.__ran") is None


def test_dialogs_are_accessible(signed_in, served, hostile, tmp_path):
    page = signed_in.page
    page.goto(f"{served.console}/b/{hostile[0]}?prefix=a//")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("u")
    (tmp_path / MARK.replace("/", "_")).write_text("x")
    chooser.value.set_files(tmp_path / MARK.replace("/", "_"))
    sheet = page.get_by_role("dialog", name="Upload 1 file")
    expect(sheet).to_be_visible()
    assert signed_in.faults() == []
    sheet.get_by_role("button", name="Add a key...").click()
    assert signed_in.faults() == []
    page.get_by_role("button", name="Make a new key").click()
    expect(page.get_by_role("heading", name="A new key")).to_be_visible()
    assert signed_in.faults() == []
    page.keyboard.press("Escape")
    expect(page.locator("#key-dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert page.evaluate("window.__ran") is None


def test_every_object_of_a_hostile_name_can_be_seen_fetched_and_confirmed(signed_in, served, hostile):
    bucket, keys = hostile
    raw, page = Raw(served), signed_in.page
    session = raw.session(served)
    for key in keys:
        at = quote(key, safe="")
        status, _, body = raw.ask("GET", f"/b/{bucket}/object?key={at}", session)
        assert status == 200, key
        if key.startswith("own "):
            continue
        status, headers, body = raw.ask("GET", f"/b/{bucket}/download?key={at}", session)
        assert status == 200, key
        disposition = headers["content-disposition"]
        assert disposition.startswith('attachment; filename="') and disposition.isprintable()
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-security-policy"].startswith("sandbox;")
        assert headers["accept-ranges"] == "none" and headers["etag"] is None
        # The form that deletes it shows it, and names exactly it.
        status, _, body = raw.ask("POST", f"/b/{bucket}/objects", session, form={"action": "delete", "item": f":{key}"})
        assert status == 200, key
    # In the browser: the rows lead to the objects, by scripts too.
    page.goto(f"{served.console}/b/{bucket}")
    names = page.locator("tbody th a .name")
    for index in range(0, names.count(), 7):
        page.goto(f"{served.console}/b/{bucket}")
        names.nth(index).click()
        expect(page.locator("h1")).to_have_count(1)
        assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate("window.__ran") is None


def test_pages_are_light(served, hostile):
    raw = Raw(served)
    session = raw.session(served)
    zipped = {**session, "accept-encoding": "gzip"}

    def weigh(path):
        connection = http.client.HTTPSConnection(raw.netloc, context=ssl._create_unverified_context())
        connection.request("GET", path, headers={**zipped, "sec-fetch-site": "same-origin"})
        response = connection.getresponse()
        body = response.read()
        assert response.headers["content-encoding"] == "gzip", path
        return len(body), gzip.decompress(body).decode()

    small, page = weigh(f"/b/{hostile[0]}")
    assert small <= 14 << 10
    assets = [weigh(path) for path in set(re.findall(r'(?:src|href)="(/-/[^"]+)"', page))]
    text = next(text for _, text in assets if "scripted" in text and "import" in text)
    imported = [weigh(path) for path in set(re.findall(r'from "(/-/[^"]+)"', text))]
    total = len(weigh("/buckets")[1]) + sum(len(text) for _, text in assets + imported)
    assert total <= 64 << 10


def test_contents_are_nothing_but_bytes(signed_in, served, own_bucket):
    s3, bucket = own_bucket
    page = signed_in.page
    documents = {
        "page.html": ("text/html", b"<script>parent.__ran=1;fetch('/account')</script>"),
        "image.svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>__ran=1</script></svg>"),
        "paper.pdf": ("application/pdf", b"%PDF-1.7"),
    }
    for key, (kind, body) in documents.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind)
        page.goto(f"{served.console}/b/{bucket}")
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download {key}").click()
        assert download.value.path().read_bytes() == body
        assert page.url == f"{served.console}/b/{bucket}"
    # A page of the S3 endpoint is another origin on the same site: it can do nothing here.
    body = f"<h1>evil</h1><a href='{served.console}/account'>console</a>".encode()
    s3.put_object(Bucket=bucket, Key="evil.html", Body=body, ContentType="text/html")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "evil.html"})
    other = signed_in.context.new_page()
    other.goto(link)
    outcome = other.evaluate(
        """async (console) => {
            const ask = (path, options) =>
                fetch(console + path, { credentials: "include", mode: "no-cors", ...options }).then(
                    (response) => response.type, (error) => "refused");
            return [document.cookie, await ask("/account"), await ask("/theme", { method: "POST", body: "theme=dark" }),
                await ask("/sign-out", { method: "POST" })];
        }""",
        served.console,
    )
    assert outcome[0] == ""
    # A link of it leads to the console all the same: nothing comes of a page that is only shown.
    other.get_by_role("link", name="console").click()
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    signed_in.troubles.clear()  # The refusals of that page, not of the console's.
    page.goto(f"{served.console}/account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_theme_changes_in_place_and_stays(signed_in, served):
    page = signed_in.page
    page.locator(".foot").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(14, 19, 24)"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("performance.getEntriesByType('navigation')[0].type") == "reload"


def test_the_keyboard_is_enough(browser, served, own_bucket):
    s3, bucket = own_bucket
    s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"x")
    page = browser.page
    page.goto(f"{served.console}/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Access key ID").focus()
    page.keyboard.type(served.access_key)
    page.keyboard.press("Tab")
    page.keyboard.type(served.secret)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Buckets")).to_be_visible()
    page.get_by_role("link", name=bucket).focus()
    page.keyboard.press("Enter")
    # The focus follows to the heading of the page that came.
    expect(page.get_by_role("heading", name=bucket)).to_be_focused()
    page.get_by_label("Select plan.txt").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("link", name="plan.txt", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="plan.txt")).to_be_focused()
