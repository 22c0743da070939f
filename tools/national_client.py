"""Reference client of the national system's API: pulls changes, hands each on, acknowledges. Standard library
only.

    export FANGPIN_TOKEN=…            # manage.py issue_token
    python tools/national_client.py https://fangpin.example.cn --state national.sqlite3 --handler ./enter.py

The handler is run once a change, with the change as JSON on its standard input. It enters it into the
national system and prints {"national_number": "…"} or {"error": "…"}. It may be run again for a change after
a crash, so it must recognise what it has entered already by `uuid` and `cursor`, and answer the same.

All that must survive a crash stands in one SQLite file, each step in a transaction of its own: 1 a page of
changes and the cursor behind it (together: no change is lost between the two) 2 the handler's answer to a
change 3 that the answers were taken (sent again after a crash; the server takes them once) A change that is
offered anew, after it was refused and mended, has a new cursor and is handled anew.
"""

import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SCHEMA = """
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), since INTEGER NOT NULL);
INSERT OR IGNORE INTO place VALUES (1, 0);
CREATE TABLE IF NOT EXISTS change (
  cursor INTEGER PRIMARY KEY, uuid TEXT NOT NULL, body TEXT NOT NULL, answer TEXT, sent INTEGER NOT NULL
    DEFAULT 0
);
"""
NUMBER = re.compile("[0-9A-Za-z-]{0,40}")
PAGE = 100
TRIES = 6


class Problem(Exception):
    """The server said no; `code` is stable, `items` are the ids that it names."""

    def __init__(self, status, body):
        self.status, self.code, self.items = status, body.get("code", ""), body.get("items", [])
        super().__init__(f"{status} {self.code} {body.get('detail', '')}")


class Server:
    def __init__(self, address, token):
        self.address, self.token = address.rstrip("/"), token

    def changes(self, since):
        return self._request(f"changes?{urllib.parse.urlencode({'since': since, 'limit': PAGE})}")

    def acknowledge(self, answers):
        return self._request("acknowledgements", {"acknowledgements": answers})

    def _request(self, path, body=None):
        """One request; a server that can't be reached, is busy or broken is asked again, later and later."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/national/{path}", data, headers)  # noqa: S310
        for attempt in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 500, 502, 503, 504) or attempt == TRIES - 1:
                    raise Problem(error.code, _json(error)) from error
                wait = float(error.headers.get("Retry-After") or 2**attempt)
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if attempt == TRIES - 1:
                    raise
                wait = 2**attempt
            time.sleep(wait)
        raise AssertionError


def _json(answer):
    try:
        return json.load(answer)
    except ValueError:
        return {}


class Store:
    """What the client knows; every method is one transaction."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.executescript(SCHEMA)

    def since(self):
        return self.database.execute("SELECT since FROM place").fetchone()[0]

    def keep_page(self, page):
        rows = [(change["cursor"], change["uuid"], json.dumps(change)) for change in page["changes"]]
        with self:
            self.database.executemany(
                "INSERT OR IGNORE INTO change (cursor, uuid, body) VALUES (?, ?, ?)", rows
            )
            self.database.execute("UPDATE place SET since = max(since, ?)", [page["next"]])

    def unanswered(self):
        rows = self.database.execute("SELECT cursor, body FROM change WHERE answer IS NULL ORDER BY cursor")
        return [(cursor, json.loads(body)) for cursor, body in rows.fetchall()]

    def keep_answer(self, cursor, answer):
        with self:
            self.database.execute(
                "UPDATE change SET answer = ? WHERE cursor = ?", [json.dumps(answer), cursor]
            )

    def unsent(self):
        rows = self.database.execute(
            (
                "SELECT cursor, uuid, answer FROM change WHERE answer IS NOT NULL AND sent = 0 ORDER BY "
                "cursor "
                "LIMIT ?"
            ),
            [PAGE],
        )
        return [
            {"uuid": uuid, "cursor": cursor, **json.loads(answer)} for cursor, uuid, answer in rows.fetchall()
        ]

    def keep_sent(self, answers, result=1):
        """`result` 1: taken; 2: the server refused it for good, a person has to look."""
        with self:
            self.database.executemany(
                "UPDATE change SET sent = ? WHERE cursor = ?", [(result, each["cursor"]) for each in answers]
            )

    def __enter__(self):
        self.database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind, *_):
        self.database.execute("COMMIT" if kind is None else "ROLLBACK")


def pull(server, store):
    """Every page that there is."""
    while True:
        page = server.changes(store.since())
        store.keep_page(page)
        if not page["more"]:
            return


def handle(store, handler):
    for cursor, change in store.unanswered():
        store.keep_answer(cursor, run(handler, change))


def run(handler, change):
    done = subprocess.run(  # noqa: S603
        [handler], input=json.dumps(change).encode(), stdout=subprocess.PIPE, check=True
    )
    answer = json.loads(done.stdout)
    number, error = answer.get("national_number", ""), answer.get("error", "")
    if set(answer) - {"national_number", "error"} or (number and error) or not NUMBER.fullmatch(number):
        raise ValueError(f"the handler answered {answer}")
    return {"national_number": number, "error": error[:300]}


def acknowledge(server, store):
    """Sends what is answered. The server takes a lot as a whole or not at all: those that it names are set
    apart, the rest is sent again."""
    while answers := store.unsent():
        try:
            server.acknowledge(answers)
        except Problem as problem:
            refused = [each for each in answers if each["uuid"] in problem.items]
            if problem.status not in (404, 409) or not refused:
                raise
            print(f"not taken: {problem}: {[each['uuid'] for each in refused]}", file=sys.stderr)
            store.keep_sent(refused, result=2)
        else:
            store.keep_sent(answers)


def once(server, store, handler):
    acknowledge(server, store)  # what a crash left behind
    pull(server, store)
    handle(store, handler)
    acknowledge(server, store)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="of fangpin, e.g. https://fangpin.example.cn")
    parser.add_argument("--state", default="national.sqlite3", help="file of what the client knows")
    parser.add_argument(
        "--handler", required=True, help="program that enters a change into the national system"
    )
    parser.add_argument("--every", type=float, default=0, help="seconds between rounds; without it one round")
    options = parser.parse_args(arguments)
    token = os.environ.get("FANGPIN_TOKEN")
    if not token:
        parser.error("set FANGPIN_TOKEN")
    server, store = Server(options.address, token), Store(options.state)
    while True:
        try:
            once(server, store, options.handler)
        except (Problem, OSError, ValueError, subprocess.CalledProcessError) as error:
            if not options.every:
                print(error, file=sys.stderr)
                return 1
            print(f"{error}; again in {options.every:g} s", file=sys.stderr)
        if not options.every:
            return 0
        time.sleep(options.every)


if __name__ == "__main__":
    sys.exit(main())
