"""The files that the phone keeps to open without a network, and the version that they make together."""

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static

LIBRARIES = ("vendor/idb.umd.js",)
# Every module that js/handheld/main.js imports, itself or through others (a test compares the two).
MODULES = (
    "js/elements.js",
    "js/per_head.js",
    "js/handheld/clearing.js",
    "js/handheld/drafts.js",
    "js/handheld/forms.js",
    "js/handheld/lock.js",
    "js/handheld/main.js",
    "js/handheld/outbox.js",
    "js/handheld/pages/form_page.js",
    "js/handheld/pages/household.js",
    "js/handheld/pages/more.js",
    "js/handheld/pages/outbox.js",
    "js/handheld/pages/parts.js",
    "js/handheld/pages/sign_in.js",
    "js/handheld/pages/village.js",
    "js/handheld/pages/visits.js",
    "js/handheld/people.js",
    "js/handheld/phone.js",
    "js/handheld/photos.js",
    "js/handheld/screen.js",
    "js/handheld/sealing.js",
    "js/handheld/server.js",
    "js/handheld/store.js",
    "js/handheld/update.js",
    "js/handheld/vault.js",
)
STYLES = ("vendor/bootstrap.min.css", "css/app.css", "css/handheld.css")
PICTURES = ("vendor/icons.svg", "favicon.svg")
FILES = (*STYLES, *LIBRARIES, *MODULES, *PICTURES)


def kept() -> list[str]:
    """Addresses of all of them."""
    return [static(name) for name in FILES]


@cache
def version(page: str) -> str:
    """Digest of the page and of every file: another byte, another version."""
    digest = hashlib.sha256(page.encode())
    for name in FILES:
        digest.update(name.encode())
        if path := finders.find(name):
            with open(path, "rb") as stream:
                digest.update(stream.read())
    return digest.hexdigest()[:16]
