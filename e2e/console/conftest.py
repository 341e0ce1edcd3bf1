"""Fixtures of the tests of the web console: a server, and Chromium with a profile of its own."""

import pytest

from support.browser import Browser
from support.server import Server


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The server of the tests of the console."""
    server = Server(tmp_path_factory.mktemp("console"), "--trusted-proxy", "127.0.0.1")
    yield server
    assert server.stop() == 0
    assert "violation of the content security policy" not in server.log()
    assert "panicked" not in server.log()


@pytest.fixture
def open_browser(tmp_path):
    """Opens browsers, which are closed when the test ends. No script of theirs may have failed or been refused."""
    opened = []

    def open_one(**options):
        browser = Browser(tmp_path / f"browser-{len(opened)}", **options)
        opened.append(browser)
        return browser

    yield open_one
    for browser in opened:
        browser.close()
    assert [browser.troubles for browser in opened] == [[] for _ in opened]


@pytest.fixture
def browser(open_browser):
    return open_browser()


@pytest.fixture
def signed_in(browser, served):
    """A browser in which the root user is signed in."""
    browser.sign_in(served)
    return browser


@pytest.fixture
def own_bucket(served, bucket_name):
    """A new bucket, and a client of S3."""
    s3 = served.s3(s3={"addressing_style": "path"})
    s3.create_bucket(Bucket=bucket_name)
    return s3, bucket_name
