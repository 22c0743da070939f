"""Delivery of a department's list: who may, what is refused, what a newer file replaces."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from fangpin.accounts.roles import Role
from screening.models import Feed, FeedRow, Round
from tests import books, factories
from tests.books import (
    accident,
    assistance,
    dangerous_home,
    disability,
    dropout,
    dry_home,
    expense,
    illness,
    job,
    loss,
    settlement,
    student,
)
from tests.running import COUNTY, QUARTER, rows_of, run

REQUIRED = {
    "school_dropout": ["姓名", "辍学原因"],
    "medical_settlement": [
        "姓名",
        "身份证号码",
        "结算日期",
        "就医类型",
        "医疗总费用",
        "合规费用",
        "基本医保报销",
        "大病保险报销",
        "医疗救助",
        "参保类型",
    ],
    "unsafe_housing": ["户主姓名", "户主身份证号码", "鉴定等级", "鉴定日期", "成因", "改造情况", "唯一住房"],
    "student_hardship": ["姓名", "身份证号码", "学校", "学段", "办学性质", "全日制", "学年费用", "已获资助"],
    "untreated_illness": ["姓名", "身份证号码", "病种", "病情类别", "确诊日期", "救治情况"],
    "water_shortage": ["乡(镇)", "行政村", "问题类型", "发现日期", "解决情况"],
    "disaster_loss": ["户主姓名", "户主身份证号码", "受灾日期", "灾种", "估计损失", "已获赔付救助"],
    "job_loss": ["姓名", "身份证号码", "状态", "状态日期", "近12个月务工月数"],
    "rigid_expense": ["姓名", "身份证号码", "支出事由", "发生日期", "支出金额", "已获救助"],
    "disability": ["姓名", "残疾证号", "残疾类别", "残疾等级", "首次发证日期"],
    "traffic_accident": ["姓名", "身份证号码", "事故日期", "伤亡情况"],
    "assistance": ["姓名", "身份证号码", "待遇类型", "起始日期", "月标准或金额"],
}
ROW = {
    "school_dropout": dropout,
    "medical_settlement": settlement,
    "unsafe_housing": dangerous_home,
    "student_hardship": student,
    "untreated_illness": illness,
    "water_shortage": dry_home,
    "disaster_loss": loss,
    "job_loss": job,
    "rigid_expense": expense,
    "disability": disability,
    "traffic_accident": accident,
    "assistance": assistance,
}


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def who(db):
    home = factories.household(status="lifted", number="H", births=[datetime.date(2009, 1, 1)])
    return home.members.get()


def content(kind: str, *rows: dict, **options) -> bytes:
    return books.plain(books.FEEDS[kind], rows, **options)


# --- cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(REQUIRED))
def test_feed_required_cell(desk, who, kind):
    good = ROW[kind](who)
    answer = desk.feed(kind, good, *(good | {heading: ""} for heading in REQUIRED[kind]))
    assert rows_of(answer, "refused") == dict.fromkeys(range(3, 3 + len(REQUIRED[kind])), "required")
    assert answer["good"] == 1


@pytest.mark.parametrize("kind", list(REQUIRED))
def test_feed_required_heading_refuses_the_file(desk, who, kind, subtests):
    for heading in REQUIRED[kind]:
        headings = [each for each in books.FEEDS[kind] if each != heading]
        row = {k: v for k, v in ROW[kind](who).items() if k != heading}
        path = desk.file(books.plain(headings, [row]))
        with subtests.test(heading):
            ran = desk.imported("import_feed", kind, path, quarter=QUARTER, code=1)
            assert heading in ran.err
            assert ran.out == ""
            assert not FeedRow.objects.exists()


@pytest.mark.parametrize(
    ("kind", "cells", "code"),
    [
        ("medical_settlement", {"身份证号码": 45122819700504123.0}, "id_numeric_cell"),
        ("medical_settlement", {"身份证号码": "4512"}, "id_length"),
        ("medical_settlement", {"身份证号码": "459900197013041237"}, "id_checksum"),
        ("medical_settlement", {"结算日期": "去年"}, "date"),
        ("medical_settlement", {"结算日期": "2020-02-30"}, "date"),
        ("medical_settlement", {"合规费用": "很多"}, "amount"),
        ("medical_settlement", {"其他赔付": "很多"}, "amount"),
        ("medical_settlement", {"就医类型": "买药"}, "code"),
        ("medical_settlement", {"参保类型": "商业"}, "code"),
        ("unsafe_housing", {"鉴定等级": "E"}, "code"),
        ("unsafe_housing", {"成因": "不知道"}, "code"),
        ("unsafe_housing", {"改造情况": "也许"}, "code"),
        ("unsafe_housing", {"唯一住房": "也许"}, "code"),
        ("unsafe_housing", {"鉴定日期": "x"}, "date"),
        ("school_dropout", {"身份证号码": "12"}, "id_length"),
    ],
)
def test_feed_wrong_cell_refuses_the_row(desk, who, kind, cells, code):
    good = ROW[kind](who)
    answer = desk.feed(kind, good | cells, good)
    assert rows_of(answer, "refused") == {2: code}
    assert answer["good"] == 1


@pytest.mark.parametrize("heading", ["出生年月", "辍学日期"])
def test_feed_bad_optional_value_is_dropped_with_a_warning(desk, who, heading):
    answer = desk.feed("school_dropout", dropout(who, **{heading: "去年"}))
    assert answer["good"] == 1
    assert [warning["row"] for warning in answer["warnings"]] == [2]


def test_feed_row_with_several_faults_is_refused_once(desk, who):
    answer = desk.feed("medical_settlement", settlement(who, "x", "x", 身份证号码="1", 参保类型="x"))
    assert answer["refused"][0]["row"] == 2
    assert len(answer["refused"]) == 1


# --- files -----------------------------------------------------------------------------------------------

OTHER_WORDS = {"身份证号码": "证件号", "合规费用": "政策范围内费用", "结算日期": "结算时间"}


def test_feed_dirty_workbook(desk, who):
    rows = [settlement(who), settlement(who, "1"), settlement(who, 身份证号码="1")]
    dirty, first = books.dirty(books.FEEDS["medical_settlement"], rows, renamed=OTHER_WORDS)
    answer = desk.feed_file("medical_settlement", dirty)
    assert (answer["read"], answer["good"]) == (3, 2)
    assert rows_of(answer, "refused") == {first + 2: "id_length"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_feed_text_file(desk, who, encoding):
    rows = [settlement(who), settlement(who, 身份证号码="4.51E+17")]
    text = books.text_file(books.FEEDS["medical_settlement"], rows, encoding, renamed=OTHER_WORDS)
    answer = desk.feed_file("medical_settlement", text, ending="csv")
    assert rows_of(answer, "refused") == {3: "id_numeric_cell"}
    assert answer["good"] == 1


@pytest.mark.parametrize("word", ["户主身份证号", "户主证件号码", "身份证号码", "身份证"])
def test_feed_words_for_the_number_of_the_head(desk, who, word):
    renamed = content("unsafe_housing", dangerous_home(who), renamed={"户主身份证号码": word})
    assert desk.feed_file("unsafe_housing", renamed)["good"] == 1


@pytest.mark.parametrize(
    ("kind", "heading", "word"),
    [
        ("school_dropout", "姓名", "人员姓名"),
        ("school_dropout", "乡(镇)", "街道/乡镇"),
        ("school_dropout", "辍学原因", "失辍学原因"),
        ("medical_settlement", "结算日期", "出院日期"),
        ("medical_settlement", "参保类型", "人员类别"),
        ("medical_settlement", "基本医保报销", "基本医疗保险报销金额"),
    ],
)
def test_feed_other_words_for_a_heading(desk, who, kind, heading, word):
    answer = desk.feed_file(kind, content(kind, ROW[kind](who), renamed={heading: word}))
    assert (answer["good"], answer["unknown_headings"]) == (1, [])


def test_feed_day_of_leaving_stands_in_for_the_settlement_only(desk, who):
    row = {"出院日期": "去年", "人员类别": "在职"} | settlement(who)
    renamed = [{"结算日期": "费用结算日期", "参保类型": "险种"}.get(heading, heading) for heading in row]
    answer = desk.feed_file("medical_settlement", books.workbook([renamed, list(row.values())]))
    assert (answer["good"], answer["unknown_headings"]) == (1, ["出院日期", "人员类别"])


@pytest.mark.parametrize(
    ("kind", "heading"), [("medical_settlement", "其他赔付"), ("medical_settlement", "合规费用")]
)
def test_feed_formula_without_a_result_is_told(desk, who, kind, heading):
    """As programs write workbooks: Excel never opened it."""
    good = ROW[kind](who)
    (fault,) = desk.feed(kind, good, good | {heading: "=1+1"})["refused"]
    assert fault["row"] == 3
    assert "没有它的计算结果" in fault["message"]


def test_feed_grade_message_names_the_grades_alone(desk, who):
    (fault,) = desk.feed("unsafe_housing", dangerous_home(who, 鉴定等级="E"))["refused"]
    assert "应填：A、B、C、D。" in fault["message"]


@pytest.mark.parametrize("kind", list(books.FEEDS))
def test_feed_template_has_the_headings_of_the_contract(tmp_path, kind):
    path = tmp_path / "template.xlsx"
    assert run("feed_template", kind, path).code == 0
    book = load_workbook(path, read_only=True)
    lines = book.worksheets[0].iter_rows(max_row=5, values_only=True)
    headings = next(line for line in lines if all(line))
    assert [heading.strip("*") for heading in headings] == books.FEEDS[kind]
    assert [heading.strip("*") for heading in headings if heading.endswith("*")] == REQUIRED[kind]


def test_feed_template_can_be_filled_in(desk, who, tmp_path):
    path = tmp_path / "template.xlsx"
    run("feed_template", "unsafe_housing", path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    cells = dangerous_home(who)
    for place, heading in enumerate(books.FEEDS["unsafe_housing"], start=1):
        sheet.cell(3, place, cells[heading])
    stream = io.BytesIO()
    book.save(stream)
    assert desk.feed_file("unsafe_housing", stream.getvalue())["good"] == 1


def test_feed_without_rows_is_accepted_as_none(desk):
    assert desk.feed("unsafe_housing")["read"] == 0
    assert Feed.objects.get().state == "matched"


# --- who ---------------------------------------------------------------------------------------------------


def test_feed_by_its_department(desk, who, insurance_officer):
    assert desk.feed("medical_settlement", settlement(who), by="dept-insurance")["good"] == 1
    assert (Feed.objects.get().department.code, Feed.objects.get().on_behalf) == ("insurance", False)


@pytest.mark.parametrize(
    ("kind", "department"),
    [("school_dropout", "education"), ("medical_settlement", "insurance"), ("unsafe_housing", "housing")],
)
def test_feed_by_the_office_for_the_department(desk, who, kind, department):
    desk.feed(kind, ROW[kind](who))
    assert (Feed.objects.get().department.code, Feed.objects.get().on_behalf) == (department, True)


@pytest.mark.parametrize(
    ("username", "role", "division", "department"),
    [
        ("dept-education", Role.DEPARTMENT, factories.COUNTY, "education"),
        ("dept-other", Role.DEPARTMENT, factories.OTHER_COUNTY, "insurance"),
        ("other", Role.OFFICE, factories.OTHER_COUNTY, None),
        ("township", Role.TOWNSHIP, factories.TOWNSHIP, None),
        ("village", Role.VILLAGE_CADRE, factories.VILLAGE, None),
        ("auditor", Role.AUDITOR, factories.COUNTY, None),
    ],
)
@pytest.mark.parametrize("delivered", [False, True])
def test_feed_by_anybody_else_is_refused(desk, who, username, role, division, department, delivered):
    if delivered:
        desk.feed("medical_settlement", settlement(who))
    factories.user(username, role, division, department)
    path = desk.file(content("medical_settlement", settlement(who)))
    ran = desk.imported("import_feed", "medical_settlement", path, by=username, quarter=QUARTER, code=1)
    assert ran.out == ""
    assert Feed.objects.count() == delivered


def test_feed_without_a_round_is_refused(desk, who):
    path = desk.file(content("medical_settlement", settlement(who)))
    ran = desk.imported("import_feed", "medical_settlement", path, quarter="2020Q2", code=1)
    assert "没有开启" in ran.err


@pytest.mark.parametrize("state", ["submitted", "determined"])
@pytest.mark.parametrize("delivered", [False, True])
def test_feed_of_a_round_that_is_over_is_refused(desk, who, state, delivered):
    path = desk.file(content("medical_settlement", settlement(who)))
    if delivered:
        desk.imported("import_feed", "medical_settlement", path, quarter=QUARTER)
    Round.objects.update(state=state)
    desk.imported("import_feed", "medical_settlement", path, quarter=QUARTER, code=1)
    assert Feed.objects.count() == delivered


# --- what is replaced
# ----------------------------------------------------------------------------------------

LEAD = {("H", "medical.out_of_pocket")}


def test_feed_newer_file_replaces_the_earlier(desk, who):
    desk.feed("medical_settlement", settlement(who, "12000.00"))
    desk.feed("medical_settlement", settlement(who, "12000.00", 就医类型="门诊"))
    assert not desk.swept(), "rows of a replaced file count no more"
    desk.feed("medical_settlement", settlement(who, "20000.00"))
    assert desk.swept() == LEAD
    states = Feed.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["superseded", "superseded", "matched"]


def test_feed_of_another_kind_replaces_nothing(desk, who):
    desk.feed("medical_settlement", settlement(who))
    desk.feed("unsafe_housing", dangerous_home(who))
    assert len(desk.swept()) == 2


def test_feed_of_another_round_counts_there_only(desk, who, county, office):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    open_round(county, Quarter(2020, 2), by=office)
    desk.feed("unsafe_housing", dangerous_home(who), quarter="2020Q2")
    assert not desk.swept("2020Q1")
    assert desk.swept("2020Q2")


@pytest.mark.parametrize("dry_run", [True, False])
def test_feed_of_which_nothing_is_matched_replaces_nothing(desk, who, dry_run):
    desk.feed("medical_settlement", settlement(who))
    stranger = settlement(who, 姓名="某某", 身份证号码=books.number())
    path = desk.file(content("medical_settlement", stranger, settlement(who, 身份证号码="1")))
    ran = desk.imported("import_feed", "medical_settlement", path, quarter=QUARTER, dry_run=dry_run)
    assert (ran.json["read"], ran.json["good"]) == (2, 0)
    assert rows_of(ran.json, "set_aside") == {2: "match_none"}
    assert "没有替换" in ran.err
    assert "没有替换" in ran.json["notes"][0]
    assert desk.swept() == LEAD


def test_feed_of_which_nothing_is_matched_replaces_its_like(desk, who):
    stranger = settlement(who, 姓名="某某", 身份证号码=books.number())
    desk.feed("medical_settlement", stranger)
    assert desk.feed("medical_settlement", stranger | {"就医类型": "门诊"})["notes"] == []
    assert list(Feed.objects.order_by("id").values_list("state", flat=True)) == ["superseded", "matched"]


def test_feed_without_rows_replaces(desk, who):
    desk.feed("medical_settlement", settlement(who))
    desk.feed("medical_settlement")
    assert not desk.swept()


@pytest.mark.parametrize("again", [False, True])
def test_feed_names_the_headings_that_it_does_not_know(desk, who, again):
    row = settlement(who)
    lines = [[*row, "出生医院", "序号", "备注"], [*row.values(), "某院", 1, "无"]]
    path = desk.file(books.workbook(lines))
    words = ["import_feed", "medical_settlement", path]
    if again:
        desk.imported(*words, quarter=QUARTER)
    ran = desk.imported(*words, quarter=QUARTER)
    assert ran.json["unknown_headings"] == ["出生医院"]
    assert "没有用到的列：出生医院" in ran.err


def test_feed_refused_file_leaves_the_earlier_one(desk, who):
    desk.feed("medical_settlement", settlement(who))
    desk.imported("import_feed", "medical_settlement", desk.file(b"%PDF-1"), quarter=QUARTER, code=1)
    assert desk.swept() == LEAD
    assert Feed.objects.filter(state="matched").count() == 1


def test_feed_dry_run_changes_nothing_and_tells_the_same(desk, who):
    desk.feed("medical_settlement", settlement(who))
    rows = [settlement(who, 5), settlement(who, 5), settlement(who, 身份证号码="1"), settlement(who, "x")]
    tried = desk.feed("medical_settlement", *rows, dry_run=True)
    assert (Feed.objects.count(), FeedRow.objects.count()) == (1, 1)
    assert desk.swept() == LEAD
    assert tried == desk.feed("medical_settlement", *rows)


def test_feed_same_file_again_changes_nothing(desk, who):
    path = desk.file(content("medical_settlement", settlement(who), settlement(who, 身份证号码="1")))
    words = ["import_feed", "medical_settlement", path]
    first = desk.imported(*words, quarter=QUARTER).json
    again = desk.imported(*words, quarter=QUARTER).json
    assert (first["created"], again["unchanged"], again["created"]) == (1, 1, 0)
    assert again["refused"] == first["refused"]
    assert Feed.objects.count() == 1


def test_feed_same_file_again_finds_who_was_registered_since(desk, who):
    """With a number or without one: the message said to complete the registry first."""
    late = books.number(datetime.date(2010, 2, 3))
    place = {"出生年月": "2011-04", "乡(镇)": books.TOWNSHIP, "行政村": books.VILLAGE}
    rows = [
        dropout(who),
        dropout(who, 姓名="蓝小红", 身份证号码=late),
        dropout(who, 姓名="蓝小青", 身份证号码="", **place),
    ]
    path = desk.file(content("school_dropout", *rows))
    words = ["import_feed", "school_dropout", path]
    first = desk.imported(*words, quarter=QUARTER).json
    assert rows_of(first, "set_aside") == {3: "match_none", 4: "match_none"}
    factories.member(who.household, datetime.date(2010, 2, 3), name="蓝小红", number=late)
    factories.member(who.household, datetime.date(2011, 4, 5), name="蓝小青")
    again = desk.imported(*words, quarter=QUARTER).json
    assert (again["created"], again["unchanged"], again["set_aside"]) == (2, 1, [])
    assert Feed.objects.filter(state="matched").count() == 1


def test_feed_returns_the_cells_as_they_came(desk, who, office):
    from screening.feeds.receiving import returned_workbook

    desk.feed("medical_settlement", settlement(who), settlement(who, "1,000元", 身份证号码="12"))
    book = load_workbook(io.BytesIO(returned_workbook(Feed.objects.get(), by=office)))
    _, row = list(book.active.iter_rows(values_only=True))
    assert row[0] == 3
    assert "12" in row
    assert "1,000元" in row
    assert "18 位" in row[-1]


# --- what a lead says
# ------------------------------------------------------------------------------------------


def explanation(desk) -> str:
    desk.sweep()
    (lead,) = desk.leads()
    return lead["explanation"]


def test_explanation_of_medical_costs(desk, who):
    desk.feed(
        "medical_settlement",
        settlement(who, 1, 身份证号码="1"),
        settlement(who, "23000.00"),
        settlement(who, "650.00"),
    )
    words = explanation(desk)
    for part in ("第 3 行等 2 行", "23,650.00", "20,000.00", "2020-01-19", "第七条（一）2"):
        assert part in words


def test_explanation_of_a_dropout(desk, who):
    desk.feed("school_dropout", dropout(who))
    words = explanation(desk)
    for part in ("第 2 行", "11 岁", "因贫", "第七条（一）1"):
        assert part in words


@pytest.mark.parametrize(
    ("persuasion", "words"),
    [("未返校", "因贫，未返校"), ("劝返中", "因贫，劝返中"), ("", "因贫，未填劝返情况")],
)
def test_explanation_of_a_dropout_tells_what_the_list_says(desk, who, persuasion, words):
    desk.feed(
        "school_dropout", dropout(who, 劝返情况=persuasion), dropout(who, 劝返情况=persuasion, 年级="五年级")
    )
    assert explanation(desk).count(words) == 1


def test_explanation_of_a_dangerous_home(desk, who):
    desk.feed("unsafe_housing", dangerous_home(who))
    words = explanation(desk)
    for part in ("第 2 行", "D 级", "自然灾害", "未改造", "第七条（一）3"):
        assert part in words


def test_explanation_names_nobodys_number(desk, who):
    desk.feed("medical_settlement", settlement(who))
    desk.sweep()
    out = run("leads", "--county", COUNTY, "--quarter", QUARTER, "--json").out
    assert who.id_number not in out
