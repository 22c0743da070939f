"""改正后采用: who has put right what a phone sent does not decide on it; what the writer alone can say stays
his."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from handheld.models import PhoneCorrection
from screening.comparison import answering, confirming, proposal, submission
from screening.comparison import compare as comparison
from screening.field import settling
from screening.meetings import signers, signing
from screening.models import Candidate, FieldEntry, Verification
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories
from tests.handheld.phones_makers import content, damaged, send
from tests.screening.meetings import sittings
from tests.screening.rounds import pages, quarter

pytestmark = pytest.mark.django_db

WRONG_DAY = damaged(visited_on="2099-01-01")


def correct(client, user, row, fields: dict):
    client.force_login(user)
    words = {"correct-words": "打电话核对过"}
    return client.post(f"/handheld/received/{row.uuid}/correct/", fields | words)


def sent(phone, round, home, **more):
    """An entry with a wrong day, waiting."""
    whose = {"round": str(round.uuid), "household": str(home.uuid), "seen": ""}
    return send(phone, content("entry", WRONG_DAY | more, **whose)).row


@pytest.fixture
def corrected(client, phone, round_2020q1, home, office) -> FieldEntry:
    """An entry that the office has put right."""
    assert correct(client, office, sent(phone, round_2020q1, home), damaged()).status_code == 302
    return FieldEntry.objects.get()


@pytest.fixture
def listable(corrected, round_2020q1, home, office) -> Candidate:
    """Its household with both lists agreeing: nothing stands between it and the list but the office."""
    factories.income(home, "3000", year=2019)
    quarter.online(round_2020q1, home, quarter.HOUSING)
    comparison.compare_round(round_2020q1, by=office)
    candidate = Candidate.objects.get()
    assert candidate.state == "consistent"
    return candidate


@pytest.fixture
def colleague(db):
    return factories.user("office2", Role.OFFICE, factories.COUNTY, name="陆同事")


# ---- An answer that nobody else would confirm ----
@pytest.fixture
def task(home, round_2020q1, office):
    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    return Verification.objects.get()


def answer_corrected(client, user, task, phone) -> None:
    (code,) = answering.situations(task)
    fields = {
        f"answer_{code}": "cannot_bear",
        f"words_{code}": "",
        "words": "看过",
        "visited_on": "2099-03-12",
    }
    about = {"task": str(task.uuid), "household": str(task.household.uuid)}
    row = send(phone, content("verification", fields, **about)).row
    assert correct(client, user, row, fields | {"visited_on": "2020-03-12"}).status_code == 302


@pytest.mark.parametrize(
    ("kind", "before"),
    [(Verification.Kind.RECHECK, "to_verify"), (Verification.Kind.SUPPLEMENT, "confirmed")],
)
def test_corrected_answer_needs_somebody_else(client, task, phone, township_officer, kind, before):
    Verification.objects.update(kind=kind)
    Candidate.objects.update(state=before)
    answer_corrected(client, township_officer, task, phone)
    task.refresh_from_db()
    assert (task.state, Candidate.objects.get().state) == ("answered", before)
    with pytest.raises(Refused, match="由您改正过"):
        confirming.settle_tasks(Verification.objects.all(), by=township_officer)
    other = factories.user("township2", Role.TOWNSHIP, factories.TOWNSHIP)
    confirming.settle_tasks(Verification.objects.all(), by=other)
    task.refresh_from_db()
    assert (task.state, task.settled_by, Candidate.objects.get().state) == ("settled", other, "confirmed")


@pytest.mark.parametrize("name", ["verification-detail", "candidate-detail"])
def test_pages_name_who_corrected_the_answer(client, task, phone, township_officer, office, name):
    answer_corrected(client, township_officer, task, phone)
    uuid = task.uuid if name == "verification-detail" else task.candidate.uuid
    assert "（由覃干事改正后采用）" in pages.words(pages.page(client, office, f"screening:{name}", uuid))


def test_list_of_tasks_names_who_corrected_the_answer(client, task, phone, township_officer, office):
    answer_corrected(client, office, task, phone)
    words = pages.words(pages.page(client, township_officer, "screening:verification-list"))
    assert "（由韦晓宁改正后采用）" in words


# ---- An entry ----
def test_entry_names_who_corrected_it(client, corrected, office, village_cadre):
    assert (corrected.by, corrected.corrected_by) == (village_cadre, office)
    words = pages.words(pages.page(client, village_cadre, "screening:entry-detail", corrected.uuid))
    assert "由韦晓宁改正后采用" in words


def test_entry_that_took_effect_as_sent_names_nobody(client, phone, round_2020q1, home, office):
    whose = {"round": str(round_2020q1.uuid), "household": str(home.uuid), "seen": ""}
    send(phone, content("entry", damaged(), **whose))
    made = FieldEntry.objects.get()
    assert made.corrected_by is None
    words = pages.words(pages.page(client, office, "screening:entry-detail", made.uuid))
    assert "改正后采用" not in words


def test_sentence_of_the_lead_says_that_it_was_corrected(client, listable, office):
    words = pages.words(pages.page(client, office, "screening:candidate-detail", listable.uuid))
    assert "韦某，改正后采用）" in words


def test_who_corrected_an_entry_does_not_list_its_household(listable, office, colleague):
    with pytest.raises(Refused, match="覃明德.*请由办公室其他人列入"):
        proposal.put_on_list(Candidate.objects.all(), by=office)
    assert Candidate.objects.get().listed_at is None
    assert proposal.put_on_list(Candidate.objects.all(), by=colleague) == 1


def test_one_corrected_household_refuses_the_whole_batch(listable, round_2020q1, office, village_cadre):
    other = factories.household(names=["陆凤娇"])
    quarter.online(round_2020q1, other)
    quarter.offline(round_2020q1, other, by=village_cadre)
    comparison.collect_again(round_2020q1, by=office, reason="补报")
    comparison.compare_round(round_2020q1, by=office)
    with pytest.raises(Refused, match="有 1 户"):
        proposal.put_on_list(Candidate.objects.filter(round=round_2020q1), by=office)
    assert not Candidate.objects.exclude(listed_at=None).exists()


def test_entry_corrected_in_another_round_bars_nobody(listable, office, county):
    FieldEntry.objects.update(round=open_round(county, Quarter(2020, 2), by=office))
    assert proposal.put_on_list(Candidate.objects.all(), by=office) == 1


def test_button_for_all_leaves_out_what_one_corrected(client, listable, round_2020q1, office, village_cadre):
    other = factories.household(names=["陆凤娇"])
    quarter.online(round_2020q1, other)
    quarter.offline(round_2020q1, other, by=village_cadre)
    Candidate.objects.create(
        round=round_2020q1, household=other, state="consistent", side="consistent", category=other.category
    )
    client.force_login(office)
    address = f"/screening/rounds/{round_2020q1.uuid}/candidates/list/"
    words = client.post(address, {"all": "1"}, follow=True).content.decode()
    assert "1 户已列入建议名单" in words
    assert "有 1 户（覃明德）" in words
    assert list(Candidate.objects.exclude(listed_at=None)) == [Candidate.objects.get(household=other)]


def test_button_for_all_with_nothing_else_says_who_should(client, listable, round_2020q1, office):
    client.force_login(office)
    address = f"/screening/rounds/{round_2020q1.uuid}/candidates/list/"
    words = client.post(address, {"all": "1"}, follow=True).content.decode()
    assert "请由办公室其他人列入" in words
    assert "请先勾选" not in words


def test_listing_costs_the_same_for_many(round_2020q1, office, village_cadre):
    def taken(count: int) -> int:
        homes = sittings.homes_of(count)
        Candidate.objects.bulk_create(
            Candidate(
                round=round_2020q1,
                household=home,
                state="consistent",
                side="consistent",
                category=home.category,
            )
            for home in homes
        )
        chosen = Candidate.objects.filter(household__in=homes)
        with CaptureQueriesContext(connection) as queries:
            assert proposal.put_on_list(chosen, by=office) == count
        return len(queries)

    type(round_2020q1).objects.filter(pk=round_2020q1.pk).update(state="compared")
    assert taken(1) == taken(6)


def test_who_corrected_an_entry_does_not_sign_for_its_household(
    listable, round_2020q1, office, colleague, director
):
    proposal.put_on_list(Candidate.objects.all(), by=colleague)
    submission.submit_round(round_2020q1, by=director)
    meeting = sittings.held(sittings.planned(round_2020q1, by=colleague), by=colleague)
    promoted = factories.user("office", Role.LEADING_GROUP, factories.COUNTY)
    assert FieldEntry.objects.get().corrected_by == promoted
    with pytest.raises(Refused, match="1 户是您核实或确认的，或由您改正过"):
        signing.sign_meeting(meeting, by=promoted)
    assert signers.why_not(meeting, sittings.leader()) == ""


def test_agenda_names_who_corrected_the_entry_and_the_answer(
    client, listable, round_2020q1, office, colleague, director, village_cadre, township_officer
):
    proposal.put_on_list(Candidate.objects.all(), by=colleague)
    submission.submit_round(round_2020q1, by=director)
    meeting = sittings.planned(round_2020q1, by=colleague)
    Verification.objects.create(
        round=round_2020q1,
        household=listable.household,
        candidate=listable,
        state="settled",
        words="看过",
        visited_on="2020-03-12",
        answered_at="2020-03-12T10:00+08:00",
        answered_by=village_cadre,
        corrected_by=township_officer,
    )
    item = meeting.items.get()
    words = pages.words(pages.page(client, office, "screening:agenda-detail", item.uuid))
    assert "（由韦晓宁改正后采用）" in words
    assert "（由覃干事改正后采用）" in words


# ---- What stays the writer's ----
def test_kinship_that_the_phone_told_stays(client, phone, round_2020q1, home, township_officer):
    row = sent(phone, round_2020q1, home, is_kin="on")
    client.force_login(township_officer)
    page = client.get(f"/handheld/received/{row.uuid}/").content.decode()
    assert re.search(r'name="is_kin"[^>]*checked[^>]*disabled', page)
    assert "填报人自己填的，不能取消" in page
    assert correct(client, township_officer, row, damaged()).status_code == 302
    made, correction = FieldEntry.objects.get(), PhoneCorrection.objects.get()
    assert made.is_kin
    assert correction.fields["is_kin"] == ["on"]
    assert [label for label, *_ in correction.changes] == ["哪天"]


@pytest.mark.parametrize("said", ["False", ["False"], ""])
def test_kinship_goes_along_whatever_the_form_says(client, phone, round_2020q1, home, township_officer, said):
    row = sent(phone, round_2020q1, home, is_kin="on")
    correct(client, township_officer, row, damaged(is_kin=said))
    assert FieldEntry.objects.get().is_kin


def test_kin_whose_entry_was_corrected_does_not_verify(
    client, phone, round_2020q1, home, township_officer, office, village_cadre
):
    correct(client, township_officer, sent(phone, round_2020q1, home, is_kin="on"), damaged())
    comparison.compare_round(round_2020q1, by=office)
    with pytest.raises(Refused, match="亲属关系"):
        quarter.answered(home, by=village_cadre)


def test_kinship_may_be_added(client, phone, round_2020q1, home, township_officer):
    row = sent(phone, round_2020q1, home)
    client.force_login(township_officer)
    assert "填报人自己填的，不能取消" not in client.get(f"/handheld/received/{row.uuid}/").content.decode()
    correct(client, township_officer, row, damaged(is_kin="on"))
    assert FieldEntry.objects.get().is_kin
    assert ["这户与本人有亲属关系", "没有填", "是"] in PhoneCorrection.objects.get().changes


def test_number_that_the_phone_did_not_send_does_not_come_in(client, phone, round_2020q1, township_officer):
    newcomer = {"new-name": "罗新户", "new-hamlet": "那朵屯", "new-heads": "3"}
    row = send(phone, content("entry", WRONG_DAY | newcomer, round=str(round_2020q1.uuid))).row
    number = factories.id_number(datetime.date(1980, 1, 2))
    assert (
        correct(client, township_officer, row, damaged(**newcomer) | {"new-id_number": number}).status_code
        == 302
    )
    assert FieldEntry.objects.get().newcomer["id_number"] == ""
    assert "new-id_number" not in PhoneCorrection.objects.get().fields


def test_newcomer_found_in_the_registry_is_still_the_correctors(
    client, phone, round_2020q1, home, township_officer, office, colleague
):
    """The household is named when the entry is settled; who put the entry right is known then, too."""
    newcomer = {"new-name": "罗新户", "new-hamlet": "那朵屯", "new-heads": "3"}
    row = send(phone, content("entry", WRONG_DAY | newcomer, round=str(round_2020q1.uuid))).row
    correct(client, office, row, damaged(**newcomer))
    settling.settle_entry(
        FieldEntry.objects.get(), by=township_officer, words="已补进户册", applies=True, household=home
    )
    quarter.online(round_2020q1, home, quarter.HOUSING)
    comparison.compare_round(round_2020q1, by=office)
    with pytest.raises(Refused, match="请由办公室其他人列入"):
        proposal.put_on_list(Candidate.objects.all(), by=office)
