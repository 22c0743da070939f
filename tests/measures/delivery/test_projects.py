"""Works for a hamlet: one entry, a measure for each household, begun and delivered at once."""

import datetime

import pytest

from fangpin.common.refusals import Refused
from households.models import Hamlet
from measures.delivery import projects
from measures.models import Measure, OrderLine, Project
from tests import factories
from tests.measures import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db
TERM = {"planned_from": datetime.date(2026, 3, 2), "planned_to": datetime.date(2026, 6, 30)}


def lines(number: int = 3, village: str = factories.VILLAGE) -> None:
    hamlet, _ = Hamlet.objects.get_or_create(village_id=village, name="那朵屯")
    for _ in range(number):
        makers.line(makers.case("marginal", "water.unsafe", village=village, hamlet=hamlet), "water")


def registered(**changed) -> Project:
    return projects.register_project(
        OrderLine.objects.all(), by=officer("water"), **{"name": "水池修缮"} | TERM | changed
    )


def test_works_serve_every_household_and_go_their_way_at_once(office):
    lines()
    made = registered(cost=8_000_000)
    assert (made.measures.count(), made.hamlet.name) == (3, "那朵屯")
    projects.file_project(made, by=office)
    today = datetime.date.today()
    projects.begin_project(made, by=officer("water"), on=today)
    assert projects.deliver_project(made, by=officer("water"), on=today, proof="验收单 3 号") == 3
    assert set(OrderLine.objects.values_list("state", flat=True)) == {"done"}


def test_works_are_for_water_of_one_village_and_once():
    lines(1)
    lines(1, village=factories.SISTER_VILLAGE)
    with pytest.raises(Refused, match="同一个村"):
        registered()
    OrderLine.objects.filter(household__village=factories.SISTER_VILLAGE).delete()
    registered()
    with pytest.raises(Refused, match="已在别的工程"):
        registered()


@pytest.mark.parametrize(("changed", "words"), [({"name": " "}, "工程名称")])
def test_what_works_want(changed, words):
    lines(1)
    with pytest.raises(Refused, match=words):
        registered(**changed)
    assert not Project.objects.exists() and not Measure.objects.exists()


def test_another_department_has_no_works():
    lines(1)
    with pytest.raises(Refused, match="没有按工程"):
        projects.register_project(OrderLine.objects.all(), by=officer("housing"), name="x", **TERM)


def test_pages_of_works(client):
    lines()
    client.force_login(officer("water"))
    assert "按工程登记" in client.get("/measures/lines/?state=accepted").content.decode()
    given = {
        "pick": list(OrderLine.objects.values_list("uuid", flat=True)),
        "name": "水池修缮",
        "from": "2026-03-02",
        "to": "2026-06-30",
        "cost": "80000",
    }
    answer = client.post("/measures/projects/register/", given)
    assert "水池修缮" in client.get(answer.url).content.decode()
    assert "3 户" in client.get("/measures/projects/").content.decode()
