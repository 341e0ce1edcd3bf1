"""Signing in and out: both ways, refusals, limits, and what a session is bound to."""

import re

import pytest
from playwright.sync_api import expect

from support.accounts import Account
from support.clock import Clock
from support.console import Raw
from support.server import run

COOKIE = "__Host-Http-strongroom"


@pytest.fixture
def raw(served):
    return Raw(served)


def test_an_access_key_signs_in_and_the_session_ends_with_sign_out(browser, served, raw):
    page = browser.page
    page.goto(f"{served.console}/b/nowhere")
    expect(page).to_have_title("Sign in - Strongroom")
    page.get_by_label("Access key ID").fill(served.access_key)
    page.get_by_label("Secret access key").fill(served.secret)
    page.get_by_role("button", name="Sign in").click()
    # It leads on to the page that was asked for.
    page.wait_for_url(f"{served.console}/b/nowhere")
    expect(page.get_by_role("alert").first).to_contain_text("There is no such bucket")
    [cookie] = [cookie for cookie in browser.context.cookies() if cookie["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    assert cookie["expires"] == -1
    taken = {"cookie": f"{COOKIE}={cookie['value']}"}
    assert raw.ask("GET", "/buckets", taken)[0] == 200
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not [cookie for cookie in browser.context.cookies() if cookie["name"] == COOKIE]
    # Also for whoever has the cookie.
    status, headers, _ = raw.ask("GET", "/buckets", taken)
    assert (status, headers["location"]) == (303, "/sign-in")


def test_wrong_credentials_are_refused_alike_and_slower_each_time(browser, start_server):
    server = start_server()
    page = browser.page
    page.goto(f"{server.console}/sign-in")
    answers = set()
    for access_key, secret in [(server.access_key, "wrong"), ("SRAAAAAAAAAAAAAAAAAA", server.secret)]:
        page.get_by_label("Access key ID").fill(access_key)
        page.get_by_label("Secret access key").fill(secret)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        answers.add(page.get_by_role("alert").inner_text())
        # The secret is not sent back.
        assert page.get_by_label("Secret access key").input_value() == ""
    assert len(answers) == 1
    raw = Raw(server)
    statuses = [raw.sign_in(id=server.access_key, secret="wrong")[0] for _ in range(5)]
    assert statuses == [403, 403, 403, 403, 429]
    # The right secret has to wait as well, and is told how long.
    status, headers, body = raw.sign_in(id=server.access_key, secret=server.secret)
    assert status == 429 and 1 <= int(headers["retry-after"]) <= 6 and "Wait" in body
    # Eleven attempts of one address in a minute are too many, under whatever names.
    statuses = [raw.sign_in(id=f"SRAAAAAAAAAAAAAAAA{n:02}", secret="x")[0] for n in range(6)]
    assert statuses[-1] == 429
    assert server.secret not in server.log()


def test_a_user_signs_in_with_a_password_and_sets_a_new_one(browser, served, start_server):
    server = start_server()
    account = Account(server, "Treasury")
    iam = account.client("iam")
    iam.create_account_alias(AccountAlias="treasury")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="correct horse", PasswordResetRequired=True)
    page = browser.page

    def sign_in(password, account="treasury"):
        page.goto(f"{server.console}/sign-in")
        page.get_by_role("link", name="User and password").click()
        page.get_by_label("Account").fill(account)
        page.get_by_label("User", exact=True).fill("ann")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    sign_in("wrong horse")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    sign_in("correct horse")
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    page.get_by_label("Current password").fill("correct horse")
    page.get_by_label("New password").fill("battery staple")
    page.get_by_role("button", name="Set and sign in").click()
    expect(page.get_by_role("heading", name="Buckets")).to_be_visible()
    # A user without policies may list nothing, and is told which action it would take.
    expect(page.get_by_role("alert").first).to_contain_text("s3:ListAllMyBuckets")
    page.goto(f"{server.console}/account")
    expect(page.get_by_text(f"arn:aws:iam::{account.id}:user/ann")).to_be_visible()
    # Another password ends the session.
    iam.update_login_profile(UserName="ann", Password="staple battery")
    page.goto(f"{server.console}/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in("staple battery", account=account.id)
    expect(page.get_by_role("heading", name="Buckets")).to_be_visible()
    log = server.log() + "".join(path.read_text() for path in server.data_dir.rglob("audit-*.jsonl"))
    assert "console:SignIn" in log and "correct horse" not in log and "battery" not in log


def test_a_session_ends_with_its_key_and_its_policies_are_those_of_now(served, start_server):
    server = start_server()
    account = Account(server, "Press")
    iam, raw = account.client("iam"), Raw(server)
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    session = raw.session(server, key["AccessKeyId"], key["SecretAccessKey"])
    assert raw.ask("GET", "/buckets", session)[0] == 403
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=allow)
    assert raw.ask("GET", "/buckets", session)[0] == 200
    iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert raw.ask("GET", "/buckets", session)[0] == 303


def test_sessions_are_listed_ended_and_survive_a_restart(browser, start_server):
    server = start_server()
    raw = Raw(server)
    other = raw.session(server)
    browser.sign_in(server)
    page = browser.page
    page.goto(f"{server.console}/account")
    rows = page.locator("section:has(#sessions) tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="this one")).to_contain_text("Chrome on Linux")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(rows).to_have_count(1)
    assert raw.ask("GET", "/buckets", other)[0] == 303
    kept, ended = raw.session(server), raw.session(server)
    assert raw.ask("POST", "/sign-out", ended, form={})[0] == 303
    server.stop()
    server.start()
    raw = Raw(server)
    assert raw.ask("GET", "/buckets", kept)[0] == 200
    assert raw.ask("GET", "/buckets", ended)[0] == 303


def test_other_pages_cannot_ask_for_anything(served, raw):
    session = raw.session(served)
    for site in ["same-site", "cross-site"]:
        foreign = {**session, "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}
        assert raw.ask("GET", "/buckets", foreign)[0] == 403
        for path in ["/sign-out", "/buckets/new", "/theme", "/b/x/objects", "/b/x/download"]:
            assert raw.ask("POST", path, foreign, form={})[0] == 403, path
    # A link leads to a page that asks again by itself.
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    status, headers, body = raw.ask("GET", "/buckets", {**session, **link})
    assert (status, headers["refresh"]) == (200, "0") and "One moment" in body
    # What a script reads needs a script of the console.
    typed = {**session, "sec-fetch-site": "none"}
    assert raw.ask("GET", "/b/x/content?key=k", typed)[0] == 403


def test_every_answer_has_the_headers(served, raw):
    session = raw.session(served)
    pages = ["/sign-in", "/buckets", "/buckets/new", "/keys", "/account", "/b/none", "/none", "/theme"]
    _, _, page = raw.ask("GET", "/buckets", session)
    assets = re.findall(r'(?:src|href)="(/-/[^"]+)"', page)
    assert len(assets) >= 3
    for path in [*pages, *assets]:
        status, headers, _ = raw.ask("GET", path, session)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy, path
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert ("immutable" in headers["cache-control"]) == path.startswith("/-/"), path
        assert "no-store" in headers["cache-control"] or path.startswith("/-/")


def test_the_console_needs_a_port_of_its_own(served, tmp_path):
    for listener in ["--https-listen", "--http-listen"]:
        flags = [listener, "127.0.0.1:9999", "--console-listen", "0.0.0.0:9999"]
        done = run("serve", "--data-dir", tmp_path / "data", *flags, cwd=tmp_path)
        assert done.returncode != 0 and b"another port for the console" in done.stderr


def test_a_session_ends_when_it_is_idle_and_after_its_time(start_server, tmp_path):
    clock = Clock(tmp_path)
    limits = ["--console-session-idle", "10", "--console-session-max", "60"]
    server = start_server(*limits, **clock.variables)
    raw = Raw(server)
    idle, used = raw.session(server), raw.session(server)
    for minutes in range(9, 60, 9):
        clock.shift(minutes * 60)
        assert raw.ask("GET", "/buckets", used)[0] == 200
    assert raw.ask("GET", "/buckets", idle)[0] == 303
    clock.shift(61 * 60)
    assert raw.ask("GET", "/buckets", used)[0] == 303
