"""Chromium, offline, with a profile of its own, and everything that it said, asked and refused."""

import re
import secrets
import shutil
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# No page of the console asks anybody but its server; these keep the browser itself from it too.
OFFLINE = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
# Runs before the scripts of each page.
WATCH = """
addEventListener("securitypolicyviolation", (event) =>
    console.error("CSP: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
# Pixels by which a page is wider than the window.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def elsewhere():
    """Returns headers by which a server that trusts 127.0.0.1 takes a client for one at another address.

    The tests sign in more often than one address may.
    """
    address = ".".join(str(part) for part in (10, *secrets.token_bytes(3)))
    return {"x-forwarded-for": address, "x-forwarded-proto": "https"}


class Browser:
    """A browser with one profile directory. Each window has a page; `page` is the first."""

    def __init__(self, place, **options):
        self.profile = Path(place) / "profile"
        self.downloads = Path(place) / "downloads"
        self.playwright = sync_playwright().start()
        settings = {
            "executable_path": CHROMIUM,
            "args": OFFLINE,
            "ignore_https_errors": True,
            "accept_downloads": True,
            "downloads_path": self.downloads,
            "viewport": {"width": 1280, "height": 800},
            "reduced_motion": "reduce",
            "extra_http_headers": elsewhere(),
            **options,
        }
        self.context = self.playwright.chromium.launch_persistent_context(self.profile, **settings)
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(WATCH)
        self.troubles, self.requests = [], []
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.context.on("request", lambda request: self.requests.append(request))
        self.page = self.context.pages[0]

    def _heard(self, message):
        # Refused and missing pages are answers that tests ask for.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.troubles.append(message.text)

    def close(self):
        """Closes the browser, which then writes what it keeps to its profile."""
        if self.context:
            self.context.close()
            self.playwright.stop()
            self.context = None

    def sign_in(self, server, access_key=None, secret=None):
        """Signs in with an access key and waits for the first page."""
        self.page.goto(f"{server.console}/sign-in")
        self.page.get_by_label("Access key ID").fill(access_key or server.access_key)
        self.page.get_by_label("Secret access key").fill(secret or server.secret)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile(f"^{re.escape(server.console)}/(?!sign-in|signed-in)"))

    def faults(self, page=None):
        """Returns the accessibility rules that the page breaks, with the first element of each."""
        violations = Axe().run(page or self.page).response["violations"]
        return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in violations]


def kept_in(profile):
    """Yields the content of each file of a profile."""
    for path in Path(profile).rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
