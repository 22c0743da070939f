"""Counts what became of the mutants of the last `make mutants`, module by module; fails below 95 % killed.

    python tools/mutants.py            figures
    python tools/mutants.py --show     and what each survivor changed

Reads what mutmut keeps beside each module under `mutants/`. Standard library only.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "mutants"
LEAST = 95
SURVIVED, NO_TEST = 0, (5, 33)


def results():
    """Module → (mutant → exit code), of those that were tested."""
    for path in sorted(FOLDER.rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        tested = {name: code for name, code in codes.items() if code is not None}
        if tested:
            yield str(path.relative_to(FOLDER))[: -len(".meta")], tested


def change(name):
    """The lines that a mutant takes away and puts in."""
    mutmut = Path(sys.executable).with_name("mutmut")
    diff = subprocess.run([mutmut, "show", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return [line for line in diff.splitlines() if line[:1] in "-+" and line[:3] not in ("---", "+++")]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="what each survivor changed")
    wanted = parser.parse_args()
    everything, alive = 0, []
    print("| module | mutants | killed | survived |\n| --- | ---: | ---: | ---: |")
    for module, codes in results():
        survivors = [name for name, code in codes.items() if code == SURVIVED or code in NO_TEST]
        print(f"| `{module}` | {len(codes)} | {len(codes) - len(survivors)} | {len(survivors)} |")
        everything += len(codes)
        alive += survivors
    killed = everything - len(alive)
    share = 100 * killed / everything if everything else 0
    print(f"| all | {everything} | {killed} | {len(alive)} |\n\n{share:.1f} % killed")
    for name in alive if wanted.show else ():
        print("", name, *change(name), sep="\n")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
