"""举措目录 (Art. 15): the region's rows, a county's standards over them; drafted by one, released by another,
then frozen."""

import datetime

import pytest
from django.db import DatabaseError, transaction

from fangpin.accounts.roles import Role
from fangpin.common import exports
from fangpin.common.refusals import Refused
from fangpin.policy.services import in_force as policy_in_force
from measures.catalogue import drafts as catalogue_drafts
from measures.catalogue import first_rows
from measures.catalogue import types as catalogue
from measures.models import MeasureType
from screening import criteria
from tests import factories

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 6, 1)


def drafted(by, code="medical_aid", **changes):
    return catalogue_drafts.draft_version(
        code, by=by, holds_from=DAY, document="都扶领发〔2026〕3号", changes=changes
    )


def test_first_rows_are_loaded_once(county):
    assert catalogue.load_defaults() == 0
    assert set(catalogue.in_force(county)) == set(first_rows.BY_CODE)


def test_every_suggested_measure_is_in_the_catalogue():
    for subject in criteria.subcriteria().values():
        assert set(subject.measures) <= set(first_rows.BY_CODE), subject.code
        for code in subject.measures:
            assert subject.code in first_rows.BY_CODE[code].subcriteria, (subject.code, code)


def test_caps_of_the_text_follow_the_policy(county):
    policy = policy_in_force(county, DAY)
    types = catalogue.in_force(county, DAY)
    assert types["industry_award"].cap == policy["cap.industry_award"] == 500_000
    assert (types["micro_credit"].cap, types["micro_credit"].most_months) == (5_000_000, 36)


def test_standard_holds_from_its_day_in_its_county_alone(county, office, director):
    catalogue_drafts.publish_version(drafted(office, cap=300_000), by=director)
    assert catalogue.in_force(county, DAY)["medical_aid"].cap == 300_000
    assert catalogue.in_force(county, DAY - datetime.timedelta(days=1))["medical_aid"].cap is None
    from fangpin.accounts.models import Division

    other = Division.objects.get(pk=factories.OTHER_COUNTY)
    assert catalogue.in_force(other, DAY)["medical_aid"].cap is None


def test_draft_does_not_hold_and_its_author_does_not_release_it(county, office, director):
    made = drafted(office, cap=300_000)
    assert catalogue.in_force(county, DAY)["medical_aid"].cap is None
    with pytest.raises(Refused):
        catalogue_drafts.publish_version(made, by=office)
    catalogue_drafts.publish_version(made, by=director)
    with pytest.raises(Refused):
        catalogue_drafts.publish_version(made, by=director)


def test_released_row_is_frozen(office, director):
    made = catalogue_drafts.publish_version(drafted(office, cap=300_000), by=director)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        MeasureType.objects.filter(pk=made.pk).update(cap=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "别的"}, "县只能定"),
        ({"cap": 0}, "大于零"),
        ({"ceiling_kind": "rate", "ceiling_rate": 10_001}, "100%"),
        ({"ceiling_kind": "fixed"}, "限额的金额"),
        ({"department": "navy"}, "没有这个部门"),
    ],
)
def test_what_a_county_may_not_set(office, changes, words):
    with pytest.raises(Refused, match=words):
        drafted(office, **changes)


def test_county_does_not_touch_what_the_region_keeps(office):
    with pytest.raises(Refused, match="自治区"):
        drafted(office, code="industry_award", cap=900_000)


def test_region_ends_a_type_from_a_day_on(county):
    by = factories.user("region", Role.REGION, "450000000000")
    other = factories.user("region2", Role.REGION, "450000000000")
    made = catalogue_drafts.draft_version(
        "farm_training", by=by, holds_from=DAY, document="桂〔2026〕1号", changes={"ends_on": DAY}
    )
    catalogue_drafts.publish_version(made, by=other)
    assert "farm_training" in catalogue.in_force(county, DAY)
    assert "farm_training" not in catalogue.in_force(county, DAY + datetime.timedelta(days=1))


def test_pages_of_the_catalogue(client, office, director):
    client.force_login(office)
    assert "还没有公布" in client.get("/measures/catalogue/").content.decode()
    address = "/measures/catalogue/medical_aid/"
    given = {
        "holds_from": "2026-06-01",
        "document": "都〔2026〕3号",
        "department": "insurance",
        "ceiling_kind": "rate",
        "ceiling_rate": "70",
    }
    assert client.post(address, given | {"ceiling_rate": "101"}).status_code == 422
    assert client.post(address, given).status_code == 302
    draft = MeasureType.objects.get(released_at=None)
    client.force_login(director)
    client.post(f"/measures/catalogue/drafts/{draft.uuid}/release/")
    assert "70%" in client.get(address).content.decode()


def test_types_stand_under_their_department_in_a_fixed_order(client, office, director):
    made = catalogue_drafts.draft_version(
        "medical_aid",
        by=office,
        holds_from=datetime.date(2026, 1, 1),
        document="都〔2026〕3号",
        changes={"department": "civil"},
    )
    catalogue_drafts.publish_version(made, by=director)
    client.force_login(office)
    answer = client.get("/measures/catalogue/")
    groups = answer.context["groups"]
    assert [name for name, _ in groups] == [
        "扶贫办",
        "教育局",
        "卫健局",
        "医保局",
        "住建局",
        "水利局",
        "民政局",
        "人社局",
        "农业农村局",
    ]
    civil = dict(groups)["民政局"]
    assert {row.type.row.code for row in civil} >= {"temporary_relief", "medical_aid"}
    assert f'民政局<span class="muted">（{len(civil)} 项）' in answer.content.decode()
    assert sum(len(rows) for _, rows in groups) == len(first_rows.BY_CODE)
    assert [row.also for row in civil if row.type.row.code == "medical_aid"] == [["医保局"]]


def test_new_version_begins_from_the_last_one(client, office, director):
    catalogue_drafts.publish_version(drafted(office, cap=300_000), by=director)
    client.force_login(office)
    page = client.get("/measures/catalogue/medical_aid/").content.decode()
    assert 'value="3000.00"' in page and "名称" not in page


def test_region_ends_a_type_on_the_page(client):
    client.force_login(factories.user("region", Role.REGION, "450000000000"))
    address = "/measures/catalogue/farm_training/"
    given = {
        "name": "农技培训",
        "holds_from": "2026-06-01",
        "ends_on": "2026-12-31",
        "document": "桂〔2026〕1号",
        "department": "agriculture",
    }
    assert client.post(address, given).status_code == 302
    made = MeasureType.objects.get(released_at=None)
    assert (made.name, made.ends_on) == ("农技培训", datetime.date(2026, 12, 31))


def test_areas_without_a_standard_are_named_until_one_is_released(county, office, director):
    assert catalogue.areas_without_standard(county.pk, DAY) == ["教育", "医疗", "住房"]
    drafted(office, code="yulu", cap=150_000)
    catalogue_drafts.publish_version(drafted(office, ceiling_kind="rate", ceiling_rate=7000), by=director)
    assert catalogue.areas_without_standard(county.pk, DAY) == ["教育", "住房"]
    assert len(catalogue.areas_without_standard(county.pk, DAY - datetime.timedelta(days=1))) == 3


def test_export_tells_every_released_version(office, director):
    export = exports.find("catalogue")
    catalogue_drafts.publish_version(drafted(office, cap=300_000), by=director)
    drafted(office, code="yulu", cap=1)
    rows = [export.row(row) for row in export.queryset(office, {})]
    assert len(rows) == len(first_rows.BY_CODE) + 1
    assert all(len(row) == len(export.headings) for row in rows)
