"""The files that the phone keeps to open without a network, and the version that they make together."""

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static

SCRIPTS = (
    "vendor/idb.umd.js",
    "js/field.js",
    "js/handheld/vault.js",
    "js/handheld/outbox.js",
    "js/handheld/photos.js",
    "js/handheld/forms.js",
    "js/handheld/pages.js",
    "js/handheld/main.js",
)
STYLES = ("vendor/bootstrap.min.css", "css/app.css", "css/handheld.css")
PICTURES = ("vendor/icons.svg", "favicon.svg")


def kept() -> list[str]:
    """Addresses of all of them."""
    return [static(name) for name in (*STYLES, *SCRIPTS, *PICTURES)]


@cache
def version(page: str) -> str:
    """Digest of the page and of every file: another byte, another version."""
    digest = hashlib.sha256(page.encode())
    for name in (*STYLES, *SCRIPTS, *PICTURES):
        digest.update(name.encode())
        if path := finders.find(name):
            with open(path, "rb") as stream:
                digest.update(stream.read())
    return digest.hexdigest()[:16]
