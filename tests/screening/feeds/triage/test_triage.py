"""未比中人员核对: who a row may mean, what a person says of it, and what is remembered."""

import datetime

import pytest
from django.urls import reverse

from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from households.models import Household
from screening import criteria
from screening.feeds import discarding, headings, receiving
from screening.feeds.triage import persons, rows, settling
from screening.feeds.triage.settling import Outcome, Word
from screening.models import Feed, FeedRow, Lead, MatchMemory, RowSettlement
from tests import books, factories
from tests.books import dropout, settlement
from tests.screening.rounds.pages import page, queries, words

BIRTH = datetime.date(1970, 5, 4)


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home(db) -> Household:
    return factories.household(
        births=[BIRTH, datetime.date(2009, 5, 6)], names=["蓝大山", "蓝小明"], status="lifted"
    )


@pytest.fixture
def patient(home):
    return home.members.first()


def wrong_digit(number: str, place: int = 14) -> str:
    return number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]


def row_of(no: int = 2) -> FeedRow:
    return FeedRow.objects.select_related("feed__round", "feed__department").get(
        row_no=no, feed__state="matched"
    )


def ladder(row: FeedRow) -> list[persons.Likely]:
    said = rows.what_is_said([row])
    return persons.likely(said, factories.COUNTY)[row.pk]


def settle(row: FeedRow, outcome: str, by, member=None, said: str = ""):
    return settling.settle_rows({row.pk: Word(outcome, member, said)}, by=by)[0]


# --- the ladder ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "slip"),
    [
        (lambda n: wrong_digit(n, 14), "号码只差第 15 位"),
        (lambda n: n[:17] + ("0" if n[17] != "0" else "1"), "号码只差最后一位"),
        (lambda n: n[:10] + n[11] + n[10] + n[12:], "号码第 11、12 位写颠倒了"),
        (lambda n: n[:15] + n[16:], "号码少写了第"),
        (lambda n: n[:15] + "7" + n[15:], "位多写了"),
    ],
)
def test_number_one_slip_away_finds_its_person(desk, patient, change, slip):
    number = change(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    row = row_of()
    assert row.status == "refused"
    first = ladder(row)[0]
    assert first.member == patient
    assert slip in first.slip
    assert persons.is_sure(ladder(row))


def test_two_slips_find_only_the_name(desk, patient):
    number = wrong_digit(wrong_digit(patient.id_number, 14), 15)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    candidates = ladder(row_of())
    assert [one.member for one in candidates] == [patient]
    assert candidates[0].slip == ""
    assert not persons.is_sure(candidates)


def test_one_slip_with_another_name_is_shown_and_not_sure(desk, patient):
    desk.feed(
        "medical_settlement", settlement(patient, 姓名="韦他人", 身份证号码=wrong_digit(patient.id_number))
    )
    candidates = ladder(row_of())
    assert candidates[0].member == patient
    assert "户册姓名是蓝大山" in candidates[0].words
    assert not persons.is_sure(candidates)


def test_namesake_of_the_same_village_stands_before_one_of_another(desk, home):
    far = factories.household(
        village=factories.OTHER_TOWNSHIP_VILLAGE, names=["覃金丝"], births=[datetime.date(2009, 5, 1)]
    )
    near = factories.household(names=["覃金丝"], births=[datetime.date(2009, 5, 1)])
    child = {
        "姓名": "覃金丝",
        "出生年月": "2009-07",
        "辍学原因": "因贫",
        "乡(镇)": books.TOWNSHIP,
        "行政村": books.VILLAGE,
    }
    desk.feed("school_dropout", child)
    candidates = ladder(row_of())
    assert [one.member.household for one in candidates][:1] == [near]
    assert far.pk in {one.member.household_id for one in candidates} or len(candidates) == 1
    assert "同村" in candidates[0].words


def test_person_of_another_county_is_never_shown(desk, db):
    factories.household(village=factories.OTHER_COUNTY_VILLAGE, names=["覃外县"], births=[BIRTH])
    desk.feed(
        "medical_settlement",
        settlement(factories.household().members.get(), 姓名="覃外县", 身份证号码=books.number()),
    )
    assert ladder(row_of()) == []


def test_sound_number_has_no_slip():
    assert persons.one_slip_away(factories.id_number(BIRTH)) == {}
    assert persons.one_slip_away("12") == {}


# --- the word --------------------------------------------------------------------------------------------


def test_settled_refused_row_counts_as_if_it_had_been_right(desk, patient, office):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    assert desk.swept() == set()
    settle(row_of(), Outcome.PERSON, office, patient)
    row = row_of()
    assert (row.status, row.member_id, row.household_id, row.amount) == (
        "matched",
        patient.pk,
        patient.household_id,
        2_000_000,
    )
    feed = Feed.objects.get()
    assert (feed.rows_read, feed.rows_matched, feed.rows_refused) == (1, 1, 0)
    assert {sub for _, sub in desk.swept()} == {"medical.out_of_pocket"}


def test_settled_row_with_another_fault_goes_back_as_a_whole(desk, patient, office):
    desk.feed(
        "medical_settlement",
        settlement(patient, 身份证号码=wrong_digit(patient.id_number), 结算日期="不知道"),
    )
    row = row_of()
    with pytest.raises(Refused, match="还有别的错"):
        settle(row, Outcome.PERSON, office, patient)
    assert row_of().status == "refused"
    assert not RowSettlement.objects.exists() and not MatchMemory.objects.exists()


def test_child_without_number_is_settled_and_swept(desk, home, office):
    child = home.members.last()
    desk.feed(
        "school_dropout",
        {
            "姓名": "蓝小明",
            "出生年月": "2009-06",
            "辍学原因": "因贫",
            "乡(镇)": books.TOWNSHIP,
            "行政村": books.VILLAGE,
        },
    )
    settle(row_of(), Outcome.PERSON, office, child)
    assert {sub for _, sub in desk.swept()} == {"education.dropout"}
    assert settling.count_settled_since_sweep(row_of().feed.round) == 0


def test_nobody_stays_set_aside_and_is_no_longer_asked(desk, office):
    desk.feed(
        "medical_settlement",
        settlement(factories.household().members.get(), 姓名="外人", 身份证号码=books.number()),
    )
    row = row_of()
    assert rows.open_rows(office).count() == 1
    settle(row, Outcome.NOBODY, office)
    assert rows.open_rows(office).count() == 0
    row = row_of()
    assert row.status == "set_aside" and "核对：本县户册没有这个人" in row.message


def test_returned_row_goes_back_to_the_department_with_words(desk, office):
    desk.feed(
        "medical_settlement",
        settlement(factories.household().members.get(), 姓名="外人", 身份证号码=books.number()),
    )
    settle(row_of(), Outcome.RETURNED, office, said="请核对姓名")
    row = row_of()
    assert row.status == "refused" and "请核对姓名" in row.message
    assert Feed.objects.get().rows_refused == 1
    assert not MatchMemory.objects.exists()


def test_later_is_put_off_and_may_be_settled_then(desk, patient, office):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    settle(row_of(), Outcome.LATER, office)
    assert rows.open_rows(office).count() == 0
    assert rows.open_rows(office, later=True).count() == 1
    settle(row_of(), Outcome.PERSON, office, patient)
    assert row_of().status == "matched"


def test_second_clerk_is_told_that_it_was_settled(desk, patient, office):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    row = row_of()
    settle(row, Outcome.PERSON, office, patient)
    with pytest.raises(Refused, match="刷新"):
        settle(row, Outcome.NOBODY, office)


def test_row_of_a_replaced_list_or_a_submitted_round_is_not_settled(desk, patient, office, round_2020q1):
    desk.feed(
        "medical_settlement",
        settlement(patient, 身份证号码=wrong_digit(patient.id_number)),
        settlement(patient),
    )
    old = row_of()
    desk.feed(
        "medical_settlement",
        settlement(patient, 身份证号码=wrong_digit(patient.id_number)),
        settlement(patient, "3.00"),
    )
    with pytest.raises(Refused, match="新报送"):
        settle(old, Outcome.PERSON, office, patient)
    type(round_2020q1).objects.filter(pk=round_2020q1.pk).update(state="submitted")
    with pytest.raises(Refused, match="下一季度"):
        settle(row_of(), Outcome.PERSON, office, patient)


def test_taken_back_the_row_is_what_it_was(desk, patient, office):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    before = FeedRow.objects.values().get()
    made = settle(row_of(), Outcome.PERSON, office, patient)
    settling.undo_settlement(made, by=office)
    assert FeedRow.objects.values().get() == before
    assert not MatchMemory.objects.exists() and not RowSettlement.objects.exists()
    assert Feed.objects.get().rows_refused == 1
    assert [r.act for r in AuditRow.objects.order_by("id")][-2:] == ["triage_settle", "triage_take_back"]


def test_lead_of_a_settlement_taken_back_is_withdrawn(desk, patient, office):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    made = settle(row_of(), Outcome.PERSON, office, patient)
    assert desk.swept()
    settling.undo_settlement(made, by=office)
    assert desk.swept() == set()
    assert Lead.objects.get().withdrawn_at is not None


# --- the memory ------------------------------------------------------------------------------------------


def test_next_list_of_the_department_needs_no_word(desk, patient, office):
    number = wrong_digit(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    settle(row_of(), Outcome.PERSON, office, patient)
    again = desk.feed(
        "medical_settlement",
        settlement(patient, 身份证号码=number, on="2020-02-02"),
        settlement(patient, "1.00"),
    )
    assert again["good"] == 2
    row = row_of()
    assert row.member_id == patient.pk and row.amount == 2_000_000 and "的核对比中" in row.message
    assert RowSettlement.objects.get(feed=row.feed).from_memory


def test_another_departments_list_is_asked_about_anew(desk, home, office):
    child = home.members.last()
    number = wrong_digit(child.id_number)
    desk.feed("school_dropout", dropout(child, 身份证号码=number))
    settle(row_of(), Outcome.PERSON, office, child)
    desk.feed("medical_settlement", settlement(child, 身份证号码=number))
    assert FeedRow.objects.get(feed__kind="medical_settlement").status == "refused"


def test_member_who_has_left_is_asked_about_again(desk, patient, office):
    number = wrong_digit(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    settle(row_of(), Outcome.PERSON, office, patient)
    type(patient).objects.filter(pk=patient.pk).update(removed_on="2099-01-01")
    desk.feed(
        "medical_settlement",
        settlement(patient, 身份证号码=number),
        settlement(patient.household.members.last()),
    )
    assert row_of().status == "refused"


def test_nobody_is_remembered_too(desk, office, patient):
    stranger = settlement(patient, 姓名="外人", 身份证号码=books.number())
    desk.feed("medical_settlement", stranger, settlement(patient))
    settle(row_of(), Outcome.NOBODY, office)
    desk.feed("medical_settlement", stranger, settlement(patient, "7.00"))
    assert rows.open_rows(office).count() == 0
    assert row_of().status == "set_aside"


# --- the pages ---------------------------------------------------------------------------------------------


def many(desk, count: int) -> None:
    homes = [factories.household(births=[BIRTH], status="lifted").members.get() for _ in range(count)]
    desk.feed("medical_settlement", *(settlement(m, 身份证号码=wrong_digit(m.id_number)) for m in homes))


def test_page_shows_rows_with_persons_and_a_bulk_of_the_sure(client, office, desk):
    many(desk, 3)
    shown = page(client, office, "screening:triage-list")
    few = queries(client, office, "screening:triage-list")
    assert "很可能写错一位的 3 行" in words(shown) and "号码只差第 15 位" in words(shown)
    assert not any(
        str(m.id_number) in shown.content.decode() for m in Household.objects.first().members.all()
    )
    many(desk, 20)
    assert queries(client, office, "screening:triage-list") == few <= 52


def test_bulk_settles_the_ticked_rows_at_once(client, office, desk):
    many(desk, 3)
    shown = page(client, office, "screening:triage-list")
    picks = [f"{line.row.pk}:{line.likely[0].member.pk}" for line in shown.context["sure"]]
    answer = client.post(reverse("screening:triage-settle-many"), {"pick": picks[:2]}, follow=True)
    assert "已确认 2 行" in words(answer)
    assert Feed.objects.get().rows_matched == 2
    assert "没有勾选" in words(client.post(reverse("screening:triage-settle-many"), {}, follow=True))


def test_search_and_settle_and_take_back_by_the_page(client, office, desk, patient):
    desk.feed("medical_settlement", settlement(patient, 姓名="写错了", 身份证号码=books.number()))
    row = row_of()
    client.force_login(office)
    candidates = client.post(reverse("screening:triage-search", args=[row.pk]), {"q": patient.id_number})
    assert "蓝大山" in words(candidates)
    assert "没有找到" in words(
        client.post(reverse("screening:triage-search", args=[row.pk]), {"q": "查无此人"})
    )
    head = {"HTTP_HX_REQUEST": "true"}
    done = client.post(reverse("screening:triage-settle"), {"row": row.pk, "member": patient.pk}, **head)
    assert "是这个人" in words(done)
    undone = client.post(reverse("screening:triage-undo", args=[RowSettlement.objects.get().pk]), **head)
    assert "写错了" in words(undone)
    again = client.post(reverse("screening:triage-settle"), {"row": row.pk, "outcome": "person"}, **head)
    assert "请选一个人" in words(again)


def test_memory_page_forgets(client, office, desk, patient):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    assert "还没有记住的核对" in words(page(client, office, "screening:triage-memory"))
    settle(row_of(), Outcome.PERSON, office, patient)
    assert "蓝大山" in words(page(client, office, "screening:triage-memory"))
    client.post(reverse("screening:triage-forget", args=[MatchMemory.objects.get().pk]))
    assert not MatchMemory.objects.exists()


def test_todo_names_departments_and_what_is_not_compared_yet(client, office, desk, patient):
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wrong_digit(patient.id_number)))
    desk.sweep()
    lines = {line.what: line.about for line in page(client, office, "home").context["lines"]}
    assert "1 行" in lines["未比中人员"]
    settle(row_of(), Outcome.PERSON, office, patient)
    lines = [line.about for line in page(client, office, "home").context["lines"]]
    assert "已核对 1 行，还没有比对" in lines


def test_list_read_anew_under_other_headings_keeps_what_is_remembered(desk, patient, office, round_2020q1):
    """A checked list whose headings are mapped again: what memory said of its rows is said again."""
    number = wrong_digit(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    settle(row_of(), Outcome.PERSON, office, patient)
    content = books.plain(books.FEEDS["medical_settlement"], [settlement(patient, "9.00", 身份证号码=number)])
    kind = criteria.feed_kinds()["medical_settlement"]
    waiting = receiving.receive_feed(round_2020q1, kind, file_name="新.xlsx", content=content, by=office)
    receiving.check_feed(waiting, by=office)
    assert RowSettlement.objects.filter(feed=waiting, from_memory=True).count() == 1
    chosen = {heading: [place] for place, heading in enumerate(books.FEEDS["medical_settlement"])}
    headings.map_headings(Feed.objects.get(pk=waiting.pk), chosen, by=office)
    receiving.check_feed(Feed.objects.get(pk=waiting.pk), by=office)
    row = FeedRow.objects.get(feed=waiting)
    assert (row.status, row.member_id) == ("matched", patient.pk)
    assert RowSettlement.objects.filter(feed=waiting).count() == 1


def test_list_taken_back_leaves_no_settlement(desk, patient, office, round_2020q1):
    number = wrong_digit(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    settle(row_of(), Outcome.PERSON, office, patient)
    content = books.plain(books.FEEDS["medical_settlement"], [settlement(patient, "9.00", 身份证号码=number)])
    kind = criteria.feed_kinds()["medical_settlement"]
    waiting = receiving.receive_feed(round_2020q1, kind, file_name="新.xlsx", content=content, by=office)
    receiving.check_feed(waiting, by=office)
    discarding.discard_feeds(Feed.objects.filter(pk=waiting.pk), by=office, why="传错了")
    assert not RowSettlement.objects.filter(feed=waiting).exists()


def test_word_said_between_check_and_delivery_holds_in_the_new_list(desk, patient, office, round_2020q1):
    number = wrong_digit(patient.id_number)
    desk.feed("medical_settlement", settlement(patient, 身份证号码=number))
    content = books.plain(
        books.FEEDS["medical_settlement"],
        [settlement(patient, "9.00", 身份证号码=number), settlement(patient)],
    )
    kind = criteria.feed_kinds()["medical_settlement"]
    waiting = receiving.receive_feed(round_2020q1, kind, file_name="新.xlsx", content=content, by=office)
    receiving.check_feed(waiting, by=office)
    settle(row_of(), Outcome.PERSON, office, patient)  # of the list that still stands
    receiving.accept_feed(Feed.objects.get(pk=waiting.pk), by=office)
    row = row_of()
    assert (row.feed_id, row.status, row.member_id) == (waiting.pk, "matched", patient.pk)
    waiting.refresh_from_db()
    assert (waiting.rows_matched, waiting.rows_refused) == (2, 0)


def test_enter_in_the_words_for_the_department_never_means_a_person(client, office, desk):
    many(desk, 1)
    shown = page(client, office, "screening:triage-list").content.decode()
    form = shown[shown.index('name="row"') :]
    assert form.index('value="returned"') < form.index('name="member"')


def test_number_in_full_width_digits_is_one_slip_away_too(desk, patient):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in wrong_digit(patient.id_number))
    desk.feed("medical_settlement", settlement(patient, 身份证号码=wide))
    assert ladder(row_of())[0].slip


def test_numbers_beyond_all_reason_are_refused_and_not_fatal(client, office, desk):
    many(desk, 1)
    client.force_login(office)
    answer = client.post(
        reverse("screening:triage-settle-many"), {"pick": ["1:99999999999999999999", "x:y"]}, follow=True
    )
    assert answer.status_code == 200
    assert Feed.objects.get().rows_matched == 0
