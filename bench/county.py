"""A county of full size, and lists over it: deterministic, with figures around the thresholds."""

import datetime
import io
import random
import sys
import time

from django.core.management import call_command
from django.db import connection

from fangpin.accounts.acting import user_for
from fangpin.accounts.models import Division
from fangpin.common.workbooks.writing import write_rows
from households.models import Member
from screening.models import Round
from screening.quarters import Quarter, window
from screening.rounds.opening import open_round

COUNTY = "451228000000"
QUARTER = Quarter(2020, 1)


def prepare(households: int) -> None:
    started = time.perf_counter()
    call_command("demo", "--no-server", households=households, stdout=sys.stderr, stderr=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(
        f"county of {households:,} households made in {time.perf_counter() - started:.0f} s", file=sys.stderr
    )


def multiply(times: int) -> None:
    """So many times the households, each with its people and incomes, in the same villages; nothing else is
    copied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM households_household UNION ALL SELECT max(id) FROM households_member"
        )
        homes, people = (row[0] for row in cursor.fetchall())
        for turn in range(1, times):
            _copy(
                cursor,
                "households_household",
                f"county_id = '{COUNTY}' AND id <= {homes}",
                {
                    "id": f"id + {turn * homes}",
                    "uuid": "gen_random_uuid()",
                    "number": f"number || '-{turn}'",
                    "lamp": "'none'",
                },
            )
            _copy(
                cursor,
                "households_member",
                f"id <= {people}",
                {
                    "id": f"id + {turn * people}",
                    "household_id": f"household_id + {turn * homes}",
                    "id_index": "gen_random_uuid()",
                },
            )
            _copy(
                cursor,
                "households_annualincome",
                f"household_id <= {homes}",
                {"id": None, "household_id": f"household_id + {turn * homes}"},
            )
        cursor.execute("VACUUM ANALYZE")


def _copy(cursor, table: str, where: str, changed: dict[str, str | None]) -> None:
    """Rows of a table once more, with other values in some columns; None leaves a column to the database."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall() if changed.get(name, "") is not None]
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" WHERE {where}')


def the_round() -> Round:
    round = Round.objects.filter(county=COUNTY, year=QUARTER.year, quarter=QUARTER.number).first()
    return round or open_round(Division.objects.get(code=COUNTY), QUARTER, by=office())


def office():
    return user_for("office", "round.sweep", COUNTY)


class Lists:
    """Rows of a list over members drawn with a fixed seed."""

    def __init__(self, rows: int):
        self.random = random.Random(20200331)
        self.rows = rows
        self.people = list(
            Member.objects.current()
            .filter(household__county=COUNTY)
            .order_by("id")
            .values_list("name", "id_number", "birth_date")
        )
        self.random.shuffle(self.people)

    def settlements(self) -> list[list]:
        """Three settlements a person on average, some reversed, a tenth of the employees' scheme."""
        first, last = window(QUARTER.last_day, 15)
        days = (last - first).days
        patients = self.people[: self.rows // 3]
        rows = []
        for _ in range(self.rows):
            name, number, _birth = self.random.choice(patients)
            compliant = round(self.random.lognormvariate(8.2, 1.1), 2)
            sign = -1 if self.random.random() < 0.01 else 1
            figures = [compliant * 1.2, compliant, compliant * 0.5, compliant * 0.1, 0.0, 0.0]
            day = first + datetime.timedelta(days=self.random.randrange(days))
            scheme = "职工" if self.random.random() < 0.1 else "城乡居民"
            visit = self.random.choice(["住院", "门诊"])
            rows.append([name, number, day, visit, *[round(sign * f, 2) for f in figures], scheme])
        return rows


def workbook(headings: list[str], rows: list[list]) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, headings, rows)
    return stream.getvalue()


SETTLEMENT_HEADINGS = [
    "姓名",
    "身份证号码",
    "结算日期",
    "就医类型",
    "医疗总费用",
    "合规费用",
    "基本医保报销",
    "大病保险报销",
    "医疗救助",
    "其他赔付",
    "参保类型",
]
