"""make bench: product, peer and floor in turn in one run on PostgreSQL; prints ratios and writes one JSON
line.

    DATABASE_URL=postgres://… python -m bench [--households 120000] [--rows 60000] [--upload 500000] [--times
    4] [--keep]

Works in a database of its own, `fangpin_bench`, on that server. It is no test and fails nothing.
"""

import argparse
import os
import sys
from urllib.parse import urlsplit, urlunsplit

NAME = "fangpin_bench"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--households", type=int, default=120_000)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument(
        "--upload", type=int, default=500_000, help="rows of the long upload; 0 leaves it out"
    )
    parser.add_argument(
        "--times", type=int, default=4, help="the sweep again at so many times the people; 1 leaves it out"
    )
    parser.add_argument(
        "--only", nargs="+", choices=["page", "import", "sweep", "upload", "meeting", "funds"]
    )
    parser.add_argument(
        "--many",
        action="store_true",
        help="lists that find leads in 44 of a hundred households, not in seven",
    )
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--keep", action="store_true", help="use the county that the last run made (at one time the people)"
    )
    options = parser.parse_args()
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        sys.exit("make bench needs PostgreSQL: DATABASE_URL=postgres://user@host:5432/postgres make bench")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{NAME}"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    if not options.keep:
        _create_database(server)
    import django

    django.setup()
    from bench import county, measures, report

    if not options.keep:
        county.prepare(options.households)
    report.show(measures.run_all(options), options)


def _create_database(server: str) -> None:
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()


if __name__ == "__main__":
    main()
