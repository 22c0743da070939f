import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from demo import prepare
from fangpin.accounts.models import User
from fangpin.common.models import AuditRow
from households.models import AnnualIncome, Household, Member
from screening.models import Feed, Lead, Round
from tests import factories

SMALL = 40


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("demo", "--no-server", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def contents(seed: int) -> list:
    """What a seed makes, put back afterwards."""
    with transaction.atomic():
        prepare.prepare(prepare.Wanted(SMALL, seed, empty=False), lambda words: None)
        found = [
            list(Household.objects.order_by("pk").values_list("number", "village", "head_name", "size")),
            [(m.name, m.id_number, m.phone, m.student) for m in Member.objects.order_by("pk")],
            list(AnnualIncome.objects.order_by("pk").values_list("household__number", "year", "net")),
            sorted(Lead.objects.values_list("household__number", "subcriterion", "above_line")),
            [[row.data for row in feed.rows.order_by("row_no")] for feed in Feed.objects.order_by("pk")],
        ]
        transaction.set_rollback(True)
    return found


def test_same_seed_makes_the_same_county_and_another_one_another(db):
    first, again, other = contents(7), contents(7), contents(8)
    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_command_prepares_and_a_second_run_changes_nothing(db):
    words = run("--households", str(SMALL))
    assert "fangpin-demo-2020" in words
    assert f"农户 {SMALL} 户" in words
    counted = [model.objects.count() for model in (User, Household, Member, Round, Lead, Feed, AuditRow)]
    assert run("--households", "500") == words
    assert counted == [
        model.objects.count() for model in (User, Household, Member, Round, Lead, Feed, AuditRow)
    ]


def test_empty_has_users_and_no_household(db):
    run("--empty")
    assert User.objects.count() == 32
    assert not Household.objects.exists()
    assert not Round.objects.exists()
    assert prepare.is_prepared()


def test_other_data_is_refused(db):
    factories.household()
    with pytest.raises(CommandError, match="已有别的数据") as refused:
        run()
    assert refused.value.returncode == 1
    assert not User.objects.exists()


def test_table_of_another_program_is_refused(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE somebody_elses (a integer)")
    with pytest.raises(prepare.ForeignData):
        prepare.is_prepared()


def test_reference_data_alone_is_no_other_data(db):
    assert prepare.is_prepared() is False


def test_production_is_refused(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="生产环境"):
        run()


@pytest.mark.parametrize("households", ["19", "200001", "viele"])
def test_number_of_households_out_of_range_is_wrong_usage(households):
    with pytest.raises(CommandError, match="20 到 200000"):
        run("--households", households)
