"""A real browser on this machine: the Chromium of the system."""

import shutil

from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ALONE = (
    "--no-sandbox",  # tests may run as root; they open files of their own only
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


class BrowserUnavailableError(Exception):
    """This machine has no browser; the text says how to get one."""


def start_chromium(playwright: Playwright) -> Browser:
    """Start the browser without a window.

    Raises:
        BrowserUnavailableError: There is none on the path.
    """
    for name in _NAMES:
        if path := shutil.which(name):
            return playwright.chromium.launch(executable_path=path, args=list(_ALONE))
    raise BrowserUnavailableError("install Chromium (Debian: apt install chromium)")
