"""The web console: requests without a browser, and what tests often do in one."""

import http.client
import ssl
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import expect

from support.browser import elsewhere


class Raw:
    """Requests without a browser."""

    def __init__(self, server):
        self.netloc = urlsplit(server.console).netloc

    def ask(self, method, path, headers=None, form=None):
        """Returns status, headers and body of a response."""
        connection = http.client.HTTPSConnection(self.netloc, context=ssl._create_unverified_context(), timeout=30)
        body = urlencode(form) if form is not None else None
        kind = {"content-type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request(method, path, body, {"sec-fetch-site": "same-origin", **kind, **(headers or {})})
        response = connection.getresponse()
        answer = response.status, response.headers, response.read().decode()
        connection.close()
        return answer

    def sign_in(self, **form):
        return self.ask("POST", "/sign-in", elsewhere(), form)

    def session(self, server, access_key=None, secret=None):
        """Returns the header with the cookie of a new session."""
        status, headers, _ = self.sign_in(id=access_key or server.access_key, secret=secret or server.secret)
        assert status == 303
        return {"cookie": headers["set-cookie"].split(";")[0]}


def choose_files(page, files, protect=None):
    """Chooses files for an upload, and how they are protected, and waits until they are stored."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(files)
    dialog = page.get_by_role("dialog")
    if protect:
        dialog.get_by_label(protect).check()
    dialog.get_by_role("button", name="Upload").click()


def stored(page, count):
    expect(page.locator("#transfers li.done")).to_have_count(count, timeout=60_000)
