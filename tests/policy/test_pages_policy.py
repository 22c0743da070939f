import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.policy import exports as policy_exports
from fangpin.policy import revisions
from fangpin.policy.models import Policy, Revision
from fangpin.policy.parameters import PARAMETERS, clause
from fangpin.policy.values import check, in_words, parse, typed
from tests import factories
from tests.screening.rounds.pages import page, queries, words

pytestmark = pytest.mark.django_db
DAY = datetime.date(2099, 1, 1)
MEDICAL, INCOME = "medical.threshold", "income.line"
HEAD = {"document": "桂扶领发〔2099〕1号", "holds_from": "2099-01-01", "reason": "按新标准"}


@pytest.fixture
def region(db):
    return factories.user("region", Role.REGION, "450000000000", name="区办")


def made(by, values=None, holds_from=DAY, document="桂扶领发〔2099〕1号") -> Revision:
    values = values or {INCOME: 600_000}
    return revisions.draft(values, holds_from=holds_from, document=document, reason="按新标准", by=by)


def released(by, values=None, *, signer=None, **fields) -> Revision:
    draft = made(by, values, **fields)
    return revisions.release(draft, seen=revisions.digest(draft), by=signer or by)


def sent(client, user, name, *args, **data):
    client.force_login(user)
    cache.clear()
    return client.post(reverse(name, args=args), data)


# ---- Values ----
@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=lambda parameter: parameter.key)
def test_every_first_value_is_one_that_could_be_typed(parameter):
    assert parse(parameter, typed(parameter, parameter.default)) == parameter.default
    assert check(parameter, parameter.default) == parameter.default
    assert in_words(parameter, parameter.default) and clause(parameter.article).startswith("第")


# ---- What holds ----
def test_list_shows_the_value_and_who_set_it(client, office, director):
    released(office, {MEDICAL: 1_600_000}, signer=director, holds_from=datetime.date(2020, 6, 1))
    text = words(page(client, office, "policy:parameter-list"))
    assert "<b>16,000.00 元</b>" in text and "自治区：20,000.00 元" in text and "本县自定" in text
    earlier = words(page(client, office, "policy:parameter-list", day="2020-05-31"))
    assert "<b>16,000.00 元</b>" not in earlier and "2020年6月1日起：16,000.00 元" in earlier


def test_list_tells_what_is_to_come(client, office, region):
    released(region)
    assert "2099年1月1日起：6,000.00 元" in words(page(client, office, "policy:parameter-list"))


def test_comparison_marks_what_differs(client, office, region):
    released(region)
    shown = page(
        client, office, "policy:parameter-compare", day="2098-12-31", other_day="2099-01-01", differing="on"
    )
    assert [line["parameter"].key for line in shown.context["lines"]] == [INCOME]
    assert shown.context["different"] == 1
    same = page(client, office, "policy:parameter-compare", key=MEDICAL)
    assert [line["differs"] for line in same.context["lines"]] == [False]


def test_comparison_says_what_does_not_fit(client, office):
    text = words(page(client, office, "policy:parameter-compare", place="999999000000"))
    assert "选择的内容不适用" in text


def test_history_names_the_document_and_who_released_it(client, office, region):
    released(region)
    shown = page(client, office, "policy:parameter-history", INCOME)
    assert [row.state for row in shown.context["rows"]] == ["待施行", "施行中"]
    assert "桂扶领发〔2099〕1号" in words(shown) and "区办" in words(shown)
    assert page(client, office, "policy:parameter-history", "nothing").status_code == 404


def test_pages_take_the_same_number_of_queries_whatever_there_is(client, office, region):
    released(region, holds_from=datetime.date(2098, 1, 1))
    names = ("policy:parameter-list", "policy:revision-list", "home")
    before = [queries(client, office, name) for name in names]
    for month in range(1, 5):
        released(region, {INCOME: 600_000 + month}, holds_from=datetime.date(2099, month, 1))
    assert [queries(client, office, name) for name in names] == before


# ---- Draft to release ----
def test_region_drafts_looks_and_releases(client, region):
    answer = sent(
        client, region, "policy:revision-new", **HEAD, **{"v-income.line": "6000", "v-round.opening": "2-10"}
    )
    draft = Revision.objects.get()
    assert answer.url == reverse("policy:revision-detail", args=[draft.uuid])
    shown = page(client, region, "policy:revision-detail", draft.uuid)
    text = words(shown)
    assert "收入参考线（家庭年人均纯收入）：5,000.00 元 → 6,000.00 元" in text  # in the confirmation
    assert "每季第 2 个月 10 日" in text and "还没有试算过" in text
    sent(client, region, "policy:revision-release", draft.uuid, seen=shown.context["digest"])
    draft.refresh_from_db()
    assert draft.released_by == region


def test_release_of_what_was_not_shown_is_refused_on_the_page(client, region):
    draft = made(region)
    answer = sent(client, region, "policy:revision-release", draft.uuid, seen="x")
    assert answer.status_code == 422 and "草稿刚刚被人改过" in words(answer)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("v-income.line", "0", "金额要大于 0"),
        ("v-income.line", "五千", "不是金额"),
        ("v-round.feeds_due", "2.5", "请填整数"),
        ("v-round.feeds_due", "99", "1 至 60"),
        ("v-labour.age_from", "70", "不能大于"),
        ("v-income.line", "5000", "相同"),
        ("v-education.poverty_reasons", "因贫、因贫", "写了两次"),
        ("holds_from", "2020-02-01", "补登记"),
        ("holds_from", "2019-12-31", "补登记"),
        ("holds_from", "明天", "日期要写成"),
        ("document", "", "文号"),
    ],
)
def test_form_says_what_is_wrong(client, region, field, value, sentence):
    answer = sent(
        client, region, "policy:revision-new", **(HEAD | {"v-medical.threshold": "1"} | {field: value})
    )
    assert answer.status_code == 422 and sentence in words(answer)
    assert not Revision.objects.exists()


def test_backdated_draft_is_taken_and_warned_of(client, region):
    values = HEAD | {"holds_from": "2020-02-01", "backdated": "on", "v-income.line": "6000"}
    sent(client, region, "policy:revision-new", **values)
    text = words(page(client, region, "policy:revision-detail", Revision.objects.get().uuid))
    assert "施行日期早于今天" in text


def test_draft_is_changed_and_discarded_on_its_pages(client, region):
    draft = made(region)
    shown = page(client, region, "policy:revision-change", draft.uuid)
    assert shown.context["form"]["v-income.line"].value() == "6000.00"
    sent(client, region, "policy:revision-change", draft.uuid, **HEAD, **{"v-income.line": "7000"})
    assert revisions.values_of(draft) == {INCOME: 700_000}
    sent(client, region, "policy:revision-discard", draft.uuid)
    draft.refresh_from_db()
    assert draft.state == "discarded"
    answer = sent(client, region, "policy:revision-change", draft.uuid, **HEAD, **{"v-income.line": "8000"})
    assert answer.status_code == 302 and revisions.values_of(draft) == {INCOME: 700_000}


def test_county_is_offered_what_is_left_to_it(client, office, director):
    shown = page(client, office, "policy:revision-new")
    keys = {parameter.key for parameter in shown.context["form"].parameters}
    assert keys == {key for key, parameter in PARAMETERS.items() if parameter.by_county}
    released(office, {MEDICAL: 1_500_000}, signer=director, holds_from=datetime.date(2020, 6, 1))
    sent(client, office, "policy:revision-new", **HEAD, **{f"follow-{MEDICAL}": "on"})
    assert revisions.values_of(Revision.objects.drafts().get()) == {MEDICAL: None}
    text = words(page(client, office, "policy:revision-detail", Revision.objects.drafts().get().uuid))
    assert "按自治区的规定：20,000.00 元" in text


def test_others_can_not_draft_or_release(client, township_officer, director, office):
    draft = made(office, {MEDICAL: 1_500_000})
    for user in (township_officer, director):
        assert page(client, user, "policy:revision-new").status_code == 403
    assert sent(client, office, "policy:revision-release", draft.uuid).status_code == 403
    assert page(client, township_officer, "policy:revision-detail", draft.uuid).status_code == 404


def test_get_releases_nothing(client, region):
    draft = made(region)
    assert page(client, region, "policy:revision-release", draft.uuid).status_code == 405


# ---- What waits ----
def lines(user) -> list[str]:
    return [f"{line.what}：{line.about}" for line in shell.todo_for(user) if line.what.startswith("政策参数")]


def test_draft_waits_for_whoever_releases(region, office, director):
    made(region)
    made(office, {MEDICAL: 1_500_000}, document="都政发〔2099〕1号")
    assert ["桂扶领发" in line for line in lines(region)] == [True]
    assert ["都政发" in line for line in lines(director)] == [True]
    assert lines(office) == []


def test_county_is_told_until_it_has_seen(client, region, office, director):
    revision = released(region, {MEDICAL: 1_500_000, INCOME: 600_000})
    assert ["收入参考线（家庭年人均纯收入）、合规自付医疗费用标准" in line for line in lines(office)] == [
        True
    ]
    sent(client, office, "policy:revision-acknowledge", revision.uuid)
    assert lines(office) == lines(director) == []
    assert "都安" in words(page(client, region, "policy:revision-detail", revision.uuid))


def test_county_whose_own_values_stand_is_not_told(region, office, director):
    released(office, {MEDICAL: 1_500_000}, signer=director, holds_from=datetime.date(2098, 1, 1))
    released(region, {MEDICAL: 1_800_000})
    assert lines(office) == []


def test_round_page_says_what_has_come_since(client, round_2020q1, region, office):
    assert "开启以后又有" not in words(page(client, office, "screening:round-detail", round_2020q1.uuid))
    released(region, holds_from=datetime.date(2020, 7, 1))
    text = words(page(client, office, "screening:round-detail", round_2020q1.uuid))
    assert "开启以后又有 1 项政策参数调整" in text and "5,000.00 元 → 6,000.00 元（2020-07-01 起）" in text


def test_revision_names_the_rounds_that_keep_their_own(client, round_2020q1, region):
    text = words(page(client, region, "policy:revision-detail", made(region).uuid))
    assert "都安县 2020 年第一季度" in text


def test_export_has_every_released_value(region, office):
    released(region)
    made(region, {INCOME: 700_000})
    rows = [policy_exports._row(row) for row in policy_exports._queryset(office, {})]
    assert len(rows) == Policy.objects.released().count() == len(PARAMETERS) + 1
    assert all(len(row) == len(policy_exports.HEADINGS) for row in rows)
