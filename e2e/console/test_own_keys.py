"""Objects under their owner's key: stored, found, fetched at any size; the key stays in the tab."""

import base64
import hashlib
import json
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browser import kept_in
from support.console import Raw, stored
from support.server import run

MIB = 1 << 20
SIZE = 200 * MIB
VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "customer-keys.json"


def key_headers(key):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def add_key_file(page, path):
    page.get_by_role("button", name="Add a key", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Add a key")
    dialog.locator("#key-files").set_input_files(path)
    dialog.get_by_role("button", name="Add key").click()
    expect(dialog).to_be_hidden()


def needles(key):
    """Returns the forms in which a key could be on the disk of the browser."""
    encoded = base64.b64encode(key).decode()
    texts = {"hex": key.hex(), "upper hex": key.hex().upper(), "base64": encoded, "its beginning": encoded[:12]}
    found = {"raw": key}
    for name, text in texts.items():
        found[f"{name}, UTF-8"] = text.encode()
        found[f"{name}, UTF-16"] = text.encode("utf-16-le")
    return found


def assert_forgotten(browser, *keys):
    """Closes the browser. No file of its profile may have a key, and no request may have had one in its head."""
    heads = []
    for request in browser.requests:
        headers = {n: v for n, v in request.headers.items() if n != "x-amz-server-side-encryption-customer-key"}
        heads.append(request.url + json.dumps(headers))
    browser.close()
    files = list(kept_in(browser.profile))
    assert len(files) > 50
    for key in keys:
        forms = needles(key)
        for path, content in files:
            hits = [name for name, needle in forms.items() if needle in content]
            assert not hits, f"{path}: {hits}"
        encoded = base64.b64encode(key).decode()
        assert not [head for head in heads if encoded[:12] in head or key.hex()[:12] in head]


def renderer_memory(browser):
    """Returns the resident memory of the renderers in bytes."""
    session = browser.context.browser.new_browser_cdp_session() if browser.context.browser else None
    session = session or browser.context.new_cdp_session(browser.page)
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pids = [process["id"] for process in processes if process["type"] == "renderer"]
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids if Path(f"/proc/{pid}").exists()]
    return sum(pages) * 4096


def test_the_browser_reads_keys_as_the_command_does(signed_in, served):
    page = signed_in.page
    module = page.evaluate(
        "performance.getEntriesByType('resource').map((e) => e.name).find((n) => n.includes('/keyread.'))"
    )
    for vector in json.loads(VECTORS.read_text()):
        read = page.evaluate(
            """async ([module, given]) => {
                const { read, fingerprint, hex } = await import(module);
                const found = read(Uint8Array.from(given.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
                return found && { form: found.form, key: hex(found.key), line_end: found.lineEnd,
                    fingerprint: await fingerprint(found.key) };
            }""",
            [module, vector["given"]],
        )
        expected = (
            {name: vector[name] for name in ("form", "key", "line_end", "fingerprint")} if "form" in vector else None
        )
        assert read == expected, vector["name"]


def test_200_mib_go_in_and_out_with_little_memory_and_the_key_stays_in_the_tab(
    open_browser, served, own_bucket, tmp_path
):
    s3, bucket = own_bucket
    key, other = secrets.token_bytes(32), secrets.token_bytes(32)
    (tmp_path / "vault.key").write_bytes(key)
    (tmp_path / "other.key").write_text(other.hex() + "\n")
    block = secrets.token_bytes(MIB)
    with (tmp_path / "large.bin").open("wb") as file:
        for number in range(SIZE // MIB):
            file.write(number.to_bytes(4, "big") + block[4:])
    digest = hashlib.sha256((tmp_path / "large.bin").read_bytes()).hexdigest()
    browser = open_browser()
    browser.sign_in(served)
    page = browser.page

    # The keys of the tab, by the digits of the command.
    page.get_by_role("link", name="Keys in this tab").first.click()
    add_key_file(page, tmp_path / "other.key")
    add_key_file(page, tmp_path / "vault.key")
    fingerprint = run("key", "fingerprint", tmp_path / "vault.key", cwd=tmp_path).stdout.decode().strip()
    expect(page.get_by_text(fingerprint)).to_be_visible()
    expect(page.locator("[data-keys]").first).to_have_text("2")

    # In: soft navigation keeps the keys.
    page.get_by_role("link", name="Buckets").first.click()
    page.get_by_role("link", name=bucket).click()
    idle, served_idle = renderer_memory(browser), served.peak_memory()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "large.bin")
    dialog = page.get_by_role("dialog", name="Upload 1 file")
    dialog.get_by_label("Your own key").check()
    dialog.get_by_label("Key", exact=True).select_option(label=f"vault.key - {fingerprint}")
    dialog.get_by_role("button", name="Upload").click()
    expect(page.locator("#transfers li.done")).to_contain_text(fingerprint, timeout=120_000)
    assert renderer_memory(browser) - idle < 60 * MIB
    expect(page.locator("tbody tr")).to_contain_text("Your own key")
    head = s3.head_object(Bucket=bucket, Key="large.bin", **key_headers(key))
    assert head["ContentLength"] == SIZE and head["SSECustomerAlgorithm"] == "AES256"

    # Out: the right one of two keys is found, and the browser saves the file by itself.
    idle = renderer_memory(browser)
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("link", name="Download large.bin").click()
    path = download.value.path()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert renderer_memory(browser) - idle < 60 * MIB
    assert served.peak_memory() - served_idle < 150 * MIB
    expect(page.locator("#transfers li.done").first).to_contain_text("The browser saves it")
    assert page.locator("iframe").count() == 0

    # A reload forgets the keys.
    page.reload()
    expect(page.locator("[data-keys]").first).to_be_hidden()
    assert_forgotten(browser, key, other)


def test_a_wrong_key_starts_no_download(open_browser, served, own_bucket, tmp_path):
    s3, bucket = own_bucket
    key, wrong = secrets.token_bytes(32), secrets.token_bytes(32)
    s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"secret plan", **key_headers(key))
    (tmp_path / "right.key").write_bytes(key)
    (tmp_path / "wrong.key").write_bytes(base64.b64encode(wrong))
    browser = open_browser()
    browser.sign_in(served)
    page = browser.page
    downloads = []
    page.on("download", lambda started: downloads.append(started))
    page.get_by_role("link", name="Keys in this tab").first.click()
    add_key_file(page, tmp_path / "wrong.key")
    page.get_by_role("link", name="Buckets").first.click()
    page.get_by_role("link", name=bucket).click()
    page.get_by_role("link", name="plan.txt", exact=True).click()
    expect(page.get_by_text("Sealed with the object")).to_be_visible()
    page.get_by_role("button", name="Find its key in this tab").click()
    expect(page.get_by_text("None of the keys in this tab opens this version")).to_be_visible()
    page.get_by_role("link", name="Download").click()
    expect(page.get_by_role("dialog", name="No key fits")).to_be_visible()
    page.get_by_role("button", name="Add another key").click()
    dialog = page.get_by_role("dialog", name="Add a key")
    # Typed this time: the field is empty as soon as the key was read.
    dialog.get_by_label("Or paste or type it").fill(key.hex())
    expect(dialog.get_by_text("64 hex digits", exact=False).last).to_be_visible()
    assert dialog.get_by_label("Or paste or type it").input_value() == ""
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Add key").click()
    assert download.value.path().read_bytes() == b"secret plan"
    assert len(downloads) == 1
    page.get_by_role("button", name="Find its key in this tab").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("pre.preview")).to_have_text("secret plan")
    # All attempts to find the key are one line of the audit log each.
    audit = b"".join(path.read_bytes() for path in served.data_dir.rglob("audit-*.jsonl"))
    assert b"console:GetObject" in audit
    assert_forgotten(browser, key, wrong)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_bare_link_answers_400_with_the_field(open_browser, served, own_bucket, tmp_path, scripts):
    s3, bucket = own_bucket
    key, wrong = secrets.token_bytes(32), secrets.token_bytes(32)
    content = secrets.token_bytes(MIB)
    s3.put_object(Bucket=bucket, Key="a b/plan&.bin", Body=content, **key_headers(key))
    (tmp_path / "right.key").write_bytes(key)
    browser = open_browser(java_script_enabled=scripts)
    browser.sign_in(served)
    page = browser.page
    link = f"{served.console}/b/{bucket}/download?key=a%20b/plan%26.bin"
    assert page.goto(link).status == 400
    expect(page.get_by_role("heading", level=1)).to_have_text("This object is protected with its owner's key")
    page.get_by_label("Or the key itself").fill(wrong.hex())
    with page.expect_response(
        lambda response: response.request.method == "GET" and "e=wrong-key" in response.url
    ) as again:
        page.get_by_role("button", name="Download").click()
    assert again.value.status == 403
    expect(page.get_by_role("alert").first).to_contain_text("This key does not open the object")
    page.get_by_label("Or the key itself").fill("not a key")
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("alert").first).to_contain_text("This is not a key")
    page.get_by_label("Key file").set_input_files(tmp_path / "right.key")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_bytes() == content
    assert download.value.suggested_filename == "plan&.bin"
    assert_forgotten(browser, key, wrong)


def test_a_key_is_made_saved_proved_and_used(open_browser, served, own_bucket, tmp_path):
    s3, bucket = own_bucket
    browser = open_browser()
    browser.sign_in(served)
    page = browser.page
    page.goto(f"{served.console}/b/{bucket}")
    (tmp_path / "note.txt").write_text("a note")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "note.txt")
    sheet = page.get_by_role("dialog", name="Upload 1 file")
    sheet.get_by_label("Your own key").check()
    expect(sheet.get_by_role("button", name="Upload")).to_be_disabled()
    sheet.get_by_role("button", name="Add a key...").click()
    dialog = page.get_by_role("dialog", name="Add a key")
    dialog.get_by_role("button", name="Make a new key").click()
    dialog = page.get_by_role("dialog", name="A new key")
    add = dialog.get_by_role("button", name="Add key")
    expect(add).to_be_disabled()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download key file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    key = saved.read_bytes()
    assert len(key) == 32 and saved.suffix == ".key"
    # Another file proves nothing; the saved one does.
    (tmp_path / "other.key").write_bytes(secrets.token_bytes(32))
    dialog.locator("#key-proof").set_input_files(tmp_path / "other.key")
    expect(dialog.get_by_text("does not have the key")).to_be_visible()
    expect(add).to_be_disabled()
    dialog.locator("#key-proof").set_input_files(saved)
    expect(dialog.get_by_text("The saved file has this key")).to_be_visible()
    add.click()
    sheet.get_by_role("button", name="Upload").click()
    stored(page, 1)
    assert s3.get_object(Bucket=bucket, Key="note.txt", **key_headers(key))["Body"].read() == b"a note"
    # The file that was saved lies among the downloads, not in the profile.
    assert_forgotten(browser, key)


def test_a_blocked_bucket_offers_no_own_key(signed_in, served, own_bucket, tmp_path):
    s3, bucket = own_bucket
    page = signed_in.page
    page.goto(f"{served.console}/b/{bucket}/settings")
    page.get_by_role("button", name="Block own keys").click()
    expect(page.get_by_role("button", name="Allow own keys")).to_be_visible()
    (tmp_path / "a.txt").write_text("a")
    page.goto(f"{served.console}/b/{bucket}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "a.txt")
    dialog = page.get_by_role("dialog", name="Upload 1 file")
    expect(dialog.get_by_label("Your own key")).to_be_disabled()
    expect(dialog.get_by_text("The settings of this bucket block it")).to_be_visible()
    expect(dialog.get_by_label("The bucket's default: Store's key")).to_be_checked()
    # Whoever asks without the page is refused in words.
    key = {"x-amz-server-side-encryption-customer-key": base64.b64encode(b"k" * 32).decode(), "x-strongroom": "1"}
    raw = Raw(served)
    status, _, body = raw.ask("PUT", f"/b/{bucket}/object?key=k", {**raw.session(served), **key, "content-length": "0"})
    assert status == 403 and "does not take your own keys" in body


def test_another_key_takes_over_and_no_data_moves(open_browser, served, own_bucket, tmp_path):
    s3, bucket = own_bucket
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    content = secrets.token_bytes(5 * MIB)
    s3.put_object(Bucket=bucket, Key="plan.bin", Body=content, Metadata={"a": "b"}, **key_headers(old))
    (tmp_path / "old.key").write_bytes(old)
    (tmp_path / "new.key").write_bytes(new)
    blobs = served.blobs()
    browser = open_browser()
    browser.sign_in(served)
    page = browser.page
    page.get_by_role("link", name="Keys in this tab").first.click()
    add_key_file(page, tmp_path / "old.key")
    add_key_file(page, tmp_path / "new.key")
    page.get_by_role("link", name="Buckets").first.click()
    page.get_by_role("link", name=bucket).click()
    page.get_by_role("link", name="plan.bin", exact=True).click()

    def change(way):
        page.get_by_role("button", name="Change protection...").click()
        dialog = page.get_by_role("dialog", name="Change protection")
        dialog.get_by_label(way).check()
        assert browser.faults() == []
        dialog.get_by_role("button", name="Change protection").click()
        expect(page.locator("main").get_by_text("5.00 MiB stayed where they are")).to_be_visible()

    change("Your own key")
    read = s3.get_object(Bucket=bucket, Key="plan.bin", **key_headers(new))
    assert (read["Body"].read(), read["Metadata"]) == (content, {"a": "b"})
    with pytest.raises(s3.exceptions.ClientError, match="403|AccessDenied"):
        s3.get_object(Bucket=bucket, Key="plan.bin", **key_headers(old))
    change("The store's key")
    assert s3.get_object(Bucket=bucket, Key="plan.bin")["Body"].read() == content
    change("Your own key")
    assert s3.head_object(Bucket=bucket, Key="plan.bin", **key_headers(old))["ContentLength"] == 5 * MIB
    assert served.blobs() == blobs
    assert_forgotten(browser, old, new)
