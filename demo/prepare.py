"""Prepares the demo database once, and knows one that it has prepared."""

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from demo import people
from demo.county import writing as demo_county
from demo.county.families import Maker
from demo.county.registrar import Registrar
from demo.story import quarter as story
from fangpin.accounts.models import Department, Division
from fangpin.common import audit
from fangpin.common.models import AuditRow, WorkingDay
from fangpin.policy.models import Policy
from measures.models import MeasureType
from screening.quarters import Quarter

MARK = "demo_prepare"
FOLDER = Path(settings.VAR_DIR) / "demo"
# What `setup` loads, and what Django keeps for itself: not somebody's data.
_REFERENCE = {Division, Department, Policy, WorkingDay, MeasureType}
_DJANGO = {"auth", "contenttypes", "sessions"}


class ForeignData(Exception):
    """The database holds data that the demo has not made."""

    def __init__(self, table: str):
        self.message = (
            f"这个数据库里已有别的数据（表 {table}），演示不会在上面运行，什么也没有改动。"
            "请用 DATABASE_URL 指定一个空的数据库，例如 DATABASE_URL=sqlite:///var/demo.sqlite3。"
        )
        super().__init__(self.message)


@dataclass(frozen=True)
class Wanted:
    households: int
    seed: int
    empty: bool


def is_prepared() -> bool:
    """Whether the demo has prepared this database: its audit row stands there, which nobody can take out.

    Raises ForeignData where other data stands there. Reads only, so that it can be asked before migrating.
    """
    tables = set(connection.introspection.table_names())
    if AuditRow._meta.db_table in tables and AuditRow.objects.filter(act=MARK).exists():
        return True
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in sorted(tables - {"django_migrations"}):
        model = models.get(table)
        if model is None:
            raise ForeignData(table)
        reference = model in _REFERENCE or model._meta.app_label in _DJANGO
        if not reference and model._base_manager.exists():
            raise ForeignData(table)
    return False


def prepare(wanted: Wanted, say: Callable[[str], None], *, on: datetime.date | None = None) -> None:
    """Makes users and, unless an empty county is wanted, households and the present quarter: all or nothing.

    Reference data must be loaded. The same seed in the same quarter makes the same county.
    """
    on = on or timezone.localdate()
    county = Division.objects.select_related("parent").get(code=people.COUNTY)
    registrar = Registrar()
    with transaction.atomic():
        users = people.create_users(county, registrar)
        say(f"用户 {len(users)} 个")
        if not wanted.empty:
            quarter = Quarter.of(on)
            # Everything happens before the quarter: the same files, whatever its day.
            first_day = datetime.date(quarter.year, quarter.number * 3 - 2, 1)
            maker = Maker(random.Random(wanted.seed), registrar, first_day)
            _fill(county, users, maker, wanted, say, on=on)
        audit.record(None, MARK, households=wanted.households, seed=wanted.seed, empty=wanted.empty)


def _fill(county: Division, users, maker: Maker, wanted: Wanted, say, *, on: datetime.date) -> None:
    done = 0
    for township, households in demo_county.write_county(
        county, wanted.households, maker=maker, by=users["office"], on=on
    ):
        done += households
        say(f"{township}：农户累计 {done:,}")
    people.name_helper(users["helper"])
    round, result = story.play(county, users, maker, FOLDER, on=on)
    say(f"{round}：{result['households']:,} 户有风险线索，共 {result['leads']:,} 条")
