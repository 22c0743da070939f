"""The vendored front-end files are the ones that were pinned, each with its licence, and the pages use no
others."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
ENTRIES = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_file_is_the_pinned_one(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("package", sorted({entry["package"] for entry in ENTRIES}))
def test_package_has_its_licence_and_one_exact_version(package):
    entries = [entry for entry in ENTRIES if entry["package"] == package]
    assert [entry["file"] for entry in entries if entry["source"] == "LICENSE"] == [f"{package}.LICENSE.txt"]
    assert len({entry["version"] for entry in entries}) == 1
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", entry["version"]) and entry["licence"] for entry in entries)


def test_nothing_stands_there_unlisted():
    assert {path.name for path in VENDOR.iterdir()} == {entry["file"] for entry in ENTRIES} | {"vendor.json"}


def test_no_file_refers_to_a_source_map():
    assert [path.name for path in VENDOR.glob("*.min.*") if b"sourceMappingURL" in path.read_bytes()] == []


def test_every_icon_named_by_a_template_or_script_is_in_the_sprite():
    (sprite,) = [entry["icons"] for entry in ENTRIES if "icons" in entry]
    named = set()
    for path in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r"""{% icon ["']([a-z0-9-]+)["']""", path.read_text(encoding="utf-8")))
    for path in (ROOT / "static/js").rglob("*.js"):
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert named - set(sprite) == set()


def test_templates_keep_the_content_security_policy():
    inline = re.compile(r"""<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=["']|\shx-on|https?://""")
    found = [
        f"{path.name}: {match.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
