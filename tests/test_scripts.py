"""Every import of a script resolves: where it stands, under hashed names as production serves it, and on a
phone without a network."""

import posixpath
import re
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles import storage
from django.core.management import call_command

from handheld import assets

STATIC = Path(__file__).resolve().parent.parent / "static"
MODULES = sorted(str(path.relative_to(STATIC)) for path in (STATIC / "js").rglob("*.js"))
# As the language has it, however it is laid out; fangpin.static_files has its own pattern.
IMPORT = re.compile(r"""\b(?:import|from)\s*\(?\s*["']([^"']+)["']""")


def imported(name: str, folder: Path = STATIC) -> set[str]:
    text = (folder / name).read_text(encoding="utf-8")
    return {posixpath.normpath(posixpath.join(posixpath.dirname(name), url)) for url in IMPORT.findall(text)}


def reached(name: str) -> set[str]:
    seen, left = set(), {name}
    while left:
        seen |= left
        left = set().union(*(imported(one) for one in left)) - seen
    return seen


def test_every_import_is_a_module_of_ours():
    assert len(MODULES) > 40
    assert {name: imported(name) - set(MODULES) for name in MODULES if imported(name) - set(MODULES)} == {}


def test_every_module_is_reached_from_a_page():
    named = re.compile(r"""<script type="module" src="{% static '(js/[^']+)' %}"></script>""")
    pages = [path.read_text(encoding="utf-8") for path in (STATIC.parent / "templates").rglob("*.html")]
    entries = {name for text in pages for name in named.findall(text)}
    assert set().union(*(reached(name) for name in entries)) == set(MODULES)


def test_no_page_reads_a_module_as_a_plain_script():
    plain = re.compile(r"""<script src="{% static 'js/""")
    pages = (STATIC.parent / "templates").rglob("*.html")
    assert [path.name for path in pages if plain.search(path.read_text(encoding="utf-8"))] == []


def test_phone_keeps_every_module_of_its_page():
    assert len(set(assets.MODULES)) == len(assets.MODULES)
    assert set(assets.MODULES) == reached("js/handheld/main.js")


@pytest.fixture
def collect(settings, tmp_path):
    """Collects the scripts of a folder as production does and answers where they lie, by name."""

    def run(folder: Path, number: int) -> tuple[Path, dict[str, str]]:
        settings.STATIC_ROOT = tmp_path / str(number)
        settings.STATICFILES_DIRS = [folder]
        backend = {"BACKEND": "fangpin.static_files.ModuleStaticFilesStorage"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": backend}
        others = ["vendor", "css", "admin", "debug_toolbar", "django_htmx", "drf_spectacular_sidecar"]
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
        return settings.STATIC_ROOT, dict(storage.staticfiles_storage.hashed_files)

    return run


def test_imports_resolve_under_hashed_names(collect):
    folder, hashed = collect(STATIC, 1)
    assert set(MODULES) <= set(hashed)
    for name in MODULES:
        assert hashed[name] != name
        assert imported(hashed[name], folder) == {hashed[one] for one in imported(name)}, name
        assert all((folder / one).is_file() for one in imported(hashed[name], folder)), name


def test_another_byte_is_another_name_for_all_that_import_it(collect, tmp_path):
    _, before = collect(STATIC, 1)
    shutil.copytree(STATIC / "js", tmp_path / "changed" / "js")
    changed = "js/handheld/store.js"
    with (tmp_path / "changed" / changed).open("a", encoding="utf-8") as stream:
        stream.write("// another byte\n")
    _, after = collect(tmp_path / "changed", 2)
    assert {name for name in MODULES if after[name] != before[name]} == {
        name for name in MODULES if changed in reached(name)
    }


def test_elements_are_made_in_one_place_and_never_of_markup():
    ways = re.compile(r"createElement|innerHTML|outerHTML|insertAdjacentHTML|document\.write")
    assert [name for name in MODULES if ways.search((STATIC / name).read_text(encoding="utf-8"))] == [
        "js/elements.js"
    ]
