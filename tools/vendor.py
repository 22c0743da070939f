"""Refresh the pinned front-end files in static/vendor, and those of the browser tests, from their npm
packages.

    python tools/vendor.py            fetch every package of vendor.json again; refuse files that changed
    python tools/vendor.py --accept   the same, but write the new hashes (after a version was raised)
    python tools/vendor.py --check    no network: only compare the files here with the list

The `vendor.json` of each folder is its only list: package, exact version, licence, file, SHA-256. The
packages come through npm's own settings, so no registry is named here. Standard library only.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "static" / "vendor", ROOT / "tests" / "browser" / "vendor")
LIST = "vendor.json"
# Source maps are not shipped, and hashed static storage fails on a reference to a missing file.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$")
SVG = re.compile(r'<svg[^>]*viewBox="(?P<box>[^"]+)"[^>]*>(?P<body>.*)</svg>', re.DOTALL)


def read_list(folder):
    return json.loads((folder / LIST).read_text(encoding="utf-8"))


def write_list(folder, entries):
    (folder / LIST).write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def digest(data):
    return hashlib.sha256(data).hexdigest()


def problems(folder, entries):
    """What differs between the list and the files that stand here, one line each."""
    lines = []
    for entry in entries:
        path = folder / entry["file"]
        if not path.is_file():
            lines.append(f"{entry['file']}: missing")
        elif digest(path.read_bytes()) != entry["sha256"]:
            lines.append(f"{entry['file']}: not the file that was pinned")
    listed = {entry["file"] for entry in entries} | {LIST}
    lines += [f"{path.name}: not in the list" for path in sorted(folder.iterdir()) if path.name not in listed]
    return lines


def fetch(package, version, folder):
    """Unpack one npm package below `folder` and return the place of its files."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit("npm is needed to refresh static/vendor")
    place = folder / f"{package}-{version}".replace("/", "-")
    place.mkdir()
    command = [npm, "pack", "--silent", "--ignore-scripts", f"{package}@{version}"]
    subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (names of our own list)
    (archive,) = place.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")
    return place / "package"


def sprite(package, names):
    """One SVG with a symbol for each icon; pages show it with <use href="icons.svg#name">."""
    symbols = []
    for name in sorted(names):
        drawing = SVG.search((package / "icons" / f"{name}.svg").read_text(encoding="utf-8"))
        body = " ".join(drawing["body"].split())
        symbols.append(f'<symbol id="{name}" viewBox="{drawing["box"]}">{body}</symbol>')
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">', *symbols, "</svg>", ""]
    return "\n".join(lines).encode()


def content(package, entry):
    if "icons" in entry:
        return sprite(package, entry["icons"])
    return SOURCE_MAP.sub(b"\n", (package / entry["source"]).read_bytes())


def refresh(folder, entries, *, accept):
    """Fetch everything first, then write: a failure leaves the old files in place."""
    with tempfile.TemporaryDirectory() as temporary:
        wanted = {(entry["package"], entry["version"]) for entry in entries}
        packages = {key: fetch(*key, Path(temporary)) for key in sorted(wanted)}
        fetched = [content(packages[entry["package"], entry["version"]], entry) for entry in entries]
    changed = [e["file"] for e, data in zip(entries, fetched, strict=True) if digest(data) != e["sha256"]]
    if changed and not accept:
        sys.exit("these files are not what was pinned, nothing was written: " + ", ".join(changed))
    for entry, data in zip(entries, fetched, strict=True):
        (folder / entry["file"]).write_bytes(data)
        entry["sha256"] = digest(data)
    write_list(folder, entries)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--accept", action="store_true", help="write new hashes into the list")
    how.add_argument("--check", action="store_true", help="compare only, without the network")
    options = parser.parse_args()
    for folder in FOLDERS:
        if not options.check:
            refresh(folder, read_list(folder), accept=options.accept)
        if faults := problems(folder, read_list(folder)):
            sys.exit("\n".join(faults))
        print(f"{folder.relative_to(ROOT)}: {len(read_list(folder))} files as pinned")


if __name__ == "__main__":
    main()
