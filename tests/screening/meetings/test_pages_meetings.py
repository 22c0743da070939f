"""Pages of a meeting, from its plan to the signature."""

import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from screening.models import AgendaItem, Candidate, Meeting, Recusal
from tests import factories
from tests.screening.meetings import sittings
from tests.screening.rounds import pages


@pytest.fixture(autouse=True)
def _scans(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def homes(db):
    return sittings.homes_of(3)


@pytest.fixture
def listed(round_2020q1, homes, office, director, village_cadre):
    return sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)


@pytest.fixture
def meeting(listed, office):
    return sittings.planned(listed, by=office)


@pytest.fixture
def held(meeting, office, homes):
    return sittings.held(meeting, by=office, declined=homes[:1])


def post(client, user, name, *args, follow=True, **data):
    client.force_login(user)
    return client.post(reverse(name, args=args), data, follow=follow)


# ---- Planning ----
def test_planned_on_the_page(client, listed, office):
    given = {"round": listed.uuid, "planned_for": "2020-03-30T09:00", "place": "三楼", "chair": "蓝志远"}
    response = post(client, office, "screening:meeting-plan", **given)
    assert "3 户全部列入议程" in pages.words(response)
    assert Meeting.objects.get().place == "三楼"


def test_a_plan_without_a_place_says_so(client, listed, office):
    response = post(client, office, "screening:meeting-plan", round=listed.uuid, planned_for="x")
    assert response.status_code == 422
    assert "请填地点" in pages.words(response)


def test_without_a_submitted_list_the_page_says_what_to_do(client, round_2020q1, office):
    assert "还没有提请审定的名单" in pages.words(pages.page(client, office, "screening:meeting-plan"))


def test_all_are_taken_up_by_one_button(client, listed, office):
    meeting = sittings.planned(listed, by=office, fill=False)
    response = post(client, office, "screening:meeting-agenda", meeting.uuid, all="1")
    assert "3 户已列入议程" in pages.words(response)


def test_a_candidate_of_another_county_in_the_list_refuses_all(client, listed, office):
    meeting = sittings.planned(listed, by=office, fill=False)
    own = Candidate.objects.first()
    response = post(client, office, "screening:meeting-agenda", meeting.uuid, pick=[own.uuid, "0" * 32])
    assert "整批没有办理" in pages.words(response)
    assert not meeting.items.exists()


# ---- Members, recusals ----
def test_members_are_typed_one_a_line(client, meeting, office):
    given = {
        "member": "蓝志远 县政府 副县长\n黄建华，扶贫办，主任",
        "guest": "",
        "absent": "覃新\t财政局\t局长",
    }
    post(client, office, "screening:meeting-members", meeting.uuid, **given)
    assert list(meeting.attendances.values_list("name", "body", "post", "part")) == [
        ("蓝志远", "县政府", "副县长", "member"),
        ("黄建华", "扶贫办", "主任", "member"),
        ("覃新", "财政局", "局长", "absent"),
    ]


def test_one_typed_twice_is_told(client, meeting, office):
    response = post(
        client, office, "screening:meeting-members", meeting.uuid, member="蓝志远 县政府\n蓝志远 县政府"
    )
    assert "第 2 行的蓝志远已经填过" in pages.words(response)


def test_members_of_the_last_meeting_fill_the_form(client, meeting, listed, office):
    later = sittings.planned(listed, by=office, members=())
    client.force_login(office)
    words = pages.words(client.get(reverse("screening:meeting-members", args=[later.uuid]) + "?last"))
    assert "蓝志远 县政府 副县长" in words


def test_a_recusal_is_settled_on_the_page(client, listed, office, homes):
    import datetime

    factories.member(homes[1], datetime.date(1980, 1, 1), name="黄建华")
    meeting = sittings.planned(listed, by=office)
    recusal = Recusal.objects.get()
    assert "请核对是否本人或亲属" in pages.words(
        pages.page(client, office, "screening:meeting-members", meeting.uuid)
    )
    post(client, office, "screening:recusal-settle", meeting.uuid, recusal.pk, outcome="confirmed")
    recusal.refresh_from_db()
    assert recusal.outcome == "confirmed"


# ---- Decisions ----
def test_decided_in_bulk_on_the_page(client, meeting, office):
    picks = [item.uuid for item in meeting.items.all()[:2]]
    response = post(
        client, office, "screening:meeting-decide", meeting.uuid, pick=picks, decision="approved", seen=0
    )
    assert "2 户已记为“同意纳入”" in pages.words(response)


def test_all_that_the_filter_shows(client, meeting, office, homes):
    type(homes[0]).objects.filter(pk=homes[0].pk).update(village=factories.OTHER_TOWNSHIP_VILLAGE)
    given = {"all": "1", "decision": "declined", "reason": "能解决", "seen": 0}
    post(
        client,
        office,
        "screening:meeting-decide",
        meeting.uuid,
        filter=f"township={factories.TOWNSHIP}",
        **given,
    )
    assert meeting.items.filter(decision="declined").count() == 2
    assert meeting.items.get(candidate__household=homes[0]).decision == ""


def test_the_page_that_is_late_is_told_who_decided(client, meeting, office):
    colleague = factories.user("office2", Role.OFFICE, factories.COUNTY, name="莫小红")
    item = meeting.items.first()
    post(client, colleague, "screening:agenda-decide", item.uuid, decision="approved", seen=0)
    response = post(
        client, office, "screening:agenda-decide", item.uuid, decision="declined", reason="不符", seen=0
    )
    assert "莫小红刚刚把" in pages.words(response)
    item.refresh_from_db()
    assert item.decision == "approved"


def test_htmx_gets_the_row_alone(client, meeting, office):
    client.force_login(office)
    item = meeting.items.first()
    url = reverse("screening:agenda-decide", args=[item.uuid])
    words = pages.words(client.post(url, {"decision": "approved", "seen": 0}, headers={"HX-Request": "true"}))
    assert f'id="item-{item.uuid}"' in words
    assert "<b>同意纳入</b>" in words
    assert "<html" not in words


def test_after_a_single_decision_the_next_undecided_opens(client, meeting, office):
    first, second, _ = meeting.items.order_by("candidate__household__village_id", "id")
    response = post(
        client, office, "screening:agenda-decide", first.uuid, decision="approved", seen=0, then="next"
    )
    assert response.redirect_chain[-1][0] == reverse("screening:agenda-detail", args=[second.uuid])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"decision": "declined"}, 1),
        ({"decision": "none"}, 0),
        ({"category": "monitored"}, 0),
        ({"risk": "medical"}, 3),
        ({"risk": "water"}, 0),
        ({"contested": "on"}, 0),
        ({"side": "consistent"}, 3),
    ],
)
def test_the_agenda_is_filtered(client, held, office, query, count):
    response = pages.page(client, office, "screening:meeting-detail", held.uuid, **query)
    assert len(response.context["page"]) == count


def test_the_page_costs_the_same_for_many_households(client, round_2020q1, office, director, village_cadre):
    homes = sittings.homes_of(2)
    sittings.submitted(round_2020q1, homes, office=office, director=director, village=village_cadre)
    meeting = sittings.planned(round_2020q1, by=office)
    few = pages.queries(client, office, "screening:meeting-detail", meeting.uuid)
    for home in sittings.homes_of(12):
        Candidate.objects.create(
            round=round_2020q1,
            household=home,
            state="consistent",
            side="consistent",
            category="marginal",
            listed_at=round_2020q1.opened_at,
        )
    from screening.meetings import agenda

    agenda.fill_agenda(meeting, by=office)
    assert pages.queries(client, office, "screening:meeting-detail", meeting.uuid) == few <= 58


# ---- One household ----
def test_one_page_tells_all_that_a_member_asks(client, meeting, office, homes):
    item = AgendaItem.objects.get(candidate__household=homes[0])
    words = pages.words(pages.page(client, office, "screening:agenda-detail", item.uuid))
    for line in (
        "3,000.00 元（2019 年台账）",
        "参考线及以下",
        "合规自付合计",
        "蓝桂芳",
        "还没有报送",
        "家庭成员",
        "第 1 户，共 3 户",
    ):
        assert line in words, line
    number = homes[0].members.first().id_number
    assert number not in words


def test_an_auditors_look_is_audited(client, meeting, db):
    auditor = factories.user("auditor", Role.AUDITOR, factories.COUNTY)
    item = meeting.items.first()
    pages.page(client, auditor, "screening:agenda-detail", item.uuid)
    assert AuditRow.objects.filter(act="agenda_view", by=auditor, object_id=item.pk).exists()


# ---- Signing ----
def test_signed_in_person_on_the_page(client, held, db):
    leader = sittings.leader()
    page = pages.page(client, leader, "screening:meeting-sign", held.uuid)
    assert "同意纳入 2 户、不予纳入 1 户" in pages.words(page)
    assert "能解决" in pages.words(page)
    response = post(client, leader, "screening:meeting-sign", held.uuid, document="都扶领发[2020]5号")
    assert "已签发，审定意见已经生效" in pages.words(response)
    held.refresh_from_db()
    assert (held.state, held.document) == ("signed", "都扶领发〔2020〕5号")


def test_who_may_not_is_told_why_and_sees_no_button(client, held, director):
    words = pages.words(pages.page(client, director, "screening:meeting-sign", held.uuid))
    assert "您当前的岗位不能本人签发" in words
    assert 'data-confirm="签发？"' not in words


def test_registered_and_confirmed_on_the_pages(client, held, director):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    secretary = sittings.secretary()
    scan = SimpleUploadedFile("纪要.pdf", sittings.PDF)
    given = {"document": sittings.NUMBER, "signer": "蓝志远", "signed_on": timezone.localdate(), "scan": scan}
    assert "等第二个人" in pages.words(
        post(client, secretary, "screening:meeting-register", held.uuid, **given)
    )
    words = pages.words(pages.page(client, director, "screening:meeting-confirm", held.uuid))
    assert sittings.NUMBER not in words
    counts = {f"n{code}": n for code, n in sittings.typed_back(held).items()}
    wrong = dict.fromkeys(counts, 9)
    typed = {"document": sittings.NUMBER, "signer": "蓝志远"}
    response = post(client, director, "screening:meeting-confirm", held.uuid, **typed, **wrong)
    assert "与系统不一致" in pages.words(response)
    post(client, director, "screening:meeting-confirm", held.uuid, **typed, **counts)
    held.refresh_from_db()
    assert held.state == "signed"
    scan = pages.page(client, director, "screening:meeting-scan", held.uuid)
    assert scan.content == sittings.PDF
    assert scan["Content-Disposition"].startswith("attachment")


# ---- Papers ----
@pytest.mark.parametrize(
    ("which", "count"), [("proposed", 3), ("approved", 2), ("declined", 1), ("deferred", 0), ("dismissed", 0)]
)
def test_lists_by_decision_with_totals(client, held, office, which, count):
    response = pages.page(client, office, "screening:meeting-paper", held.uuid, which)
    assert f"合计 {count} 户" in pages.words(response)
    assert len(response.context["rows"]) == count


def test_a_list_masks_numbers_and_carries_its_code(client, held, office, homes):
    from screening.meetings import decisions

    words = pages.words(pages.page(client, office, "screening:meeting-paper", held.uuid, "proposed"))
    member = homes[0].members.get(relation="head")
    assert member.id_number not in words
    assert member.masked_id in words
    assert decisions.checksum(held) in words


def test_minutes_tell_the_decisions_and_the_counts_to_type_back(client, held, office):
    words = pages.words(pages.page(client, office, "screening:meeting-minutes", held.uuid))
    for line in (
        "同意纳入 2 户，其中脱贫监测户 0 户 0 人，边缘户 2 户 4 人",
        "家里能解决 1 户",
        "没有需要回避的情形",
    ):
        assert line in words, line


def test_the_sheet_has_a_line_for_each_and_some_more(client, meeting, office):
    words = pages.words(pages.page(client, office, "screening:meeting-sheet", meeting.uuid))
    assert "蓝志远" in words
    assert words.count('class="sign-cell"') == 20


def test_the_form_masks_unless_a_purpose_is_given_and_audits_it(client, meeting, office, homes):
    candidate = Candidate.objects.get(household=homes[0])
    number = homes[0].members.get(relation="head").id_number
    assert number not in pages.words(pages.page(client, office, "screening:candidate-form", candidate.uuid))
    refused = post(client, office, "screening:candidate-form", candidate.uuid)
    assert (refused.status_code, number in pages.words(refused)) == (422, False)
    shown = post(client, office, "screening:candidate-form", candidate.uuid, purpose="核实本人身份")
    assert number in pages.words(shown)
    assert AuditRow.objects.filter(act="number_reveal", by=office).count() == 2


def test_without_the_right_a_purpose_shows_nothing(client, meeting, director, homes):
    candidate = Candidate.objects.get(household=homes[0])
    number = homes[0].members.get(relation="head").id_number
    shown = post(client, director, "screening:candidate-form", candidate.uuid, purpose="核实本人身份")
    assert number not in pages.words(shown)


# ---- To do ----
def todo(client, user) -> str:
    return pages.words(pages.page(client, user, "home"))


def test_lines_of_the_to_do_page_follow_the_meeting(client, listed, office, director, homes):
    leader, secretary = sittings.leader(), sittings.secretary()
    assert "建议名单 3 户已提请" in todo(client, office)
    meeting = sittings.planned(listed, by=office)
    assert "议程 3 户，3 户还没有审定意见" in todo(client, office)
    assert "拟认定 3 户" in todo(client, leader)
    sittings.held(meeting, by=office)
    assert "签发会议纪要" in todo(client, leader)
    assert "登记会议纪要" in todo(client, secretary)
    sittings.registered(meeting, by=secretary)
    assert "苏会务已登记" in todo(client, director)
    sittings.confirmed(meeting, by=director)
    for user in (office, leader, secretary, director):
        words = todo(client, user)
        assert "会议纪要" not in words
        assert "还没有列入审定会议程" not in words
