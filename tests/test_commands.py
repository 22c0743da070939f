"""The commands as written in the contract: JSON alone on stdout, messages on stderr, exit codes 0, 1 and
2."""

import json

import pytest
from django.core.management import ManagementUtility

from households.models import Household
from screening.models import Feed, Lead, Round
from tests import books, factories
from tests.books import dangerous_home, family, head, income, settlement
from tests.running import COUNTY, QUARTER, add_up, run

IN_COUNTY = ["--county", COUNTY]
OF_ROUND = [*IN_COUNTY, "--quarter", QUARTER]
BY_OFFICE = ["--as", "office"]


def a_file(folder, content: bytes, name: str = "a.xlsx") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def registry_file(folder, *rows: dict) -> str:
    return a_file(folder, books.plain(books.REGISTRY, rows or family("A1")), "户册.xlsx")


# --- shape of the answers (in this process) ----------------------------------------------------------------


def test_import_answer_has_the_contracts_fields(office, tmp_path):
    path = registry_file(tmp_path, *family("A1"), *family("A2", head(证件号码="1")))
    answer = run("import_registry", path, *IN_COUNTY, *BY_OFFICE, "--json").json
    wanted = {"read", "good", "created", "changed", "unchanged", "set_aside", "refused"}
    assert wanted <= set(answer)
    (fault,) = add_up(answer)["refused"]
    assert fault["row"] == 3


def test_answer_without_json_is_words(office, tmp_path):
    ran = run("import_registry", registry_file(tmp_path), *IN_COUNTY, *BY_OFFICE)
    assert "读到 1 行" in ran.out


def test_json_is_alone_on_stdout(office, tmp_path):
    ran = run("import_registry", registry_file(tmp_path), *IN_COUNTY, *BY_OFFICE, "--json")
    assert json.loads(ran.out)["good"] == 1
    assert "读到 1 行" in ran.err


def test_leads_are_one_object_a_line(desk, round_2020q1):
    homes = [factories.household(status=status) for status in ("lifted", "ordinary")]
    factories.income(homes[1], "5000.01", 2019)
    desk.feed("unsafe_housing", *(dangerous_home(home.members.get()) for home in homes))
    desk.sweep()
    told = desk.leads()
    assert [set(lead) for lead in told] == [
        {"household_no", "source", "subcriterion", "category", "above_line", "in_case", "explanation"}
    ] * 2
    first, second = sorted(told, key=lambda lead: lead["household_no"])
    assert {k: v for k, v in first.items() if k != "explanation"} == {
        "household_no": homes[0].number,
        "source": "online",
        "subcriterion": "housing.unsafe",
        "category": "monitored",
        "above_line": False,
        "in_case": False,
    }
    assert (second["category"], second["above_line"]) == ("marginal", True)
    assert "住建" in first["explanation"]


def test_leads_of_another_county_are_not_told(desk, round_2020q1, county):
    from fangpin.accounts.models import Division
    from fangpin.accounts.roles import Role
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    other = Division.objects.get(code=factories.OTHER_COUNTY)
    their_office = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    round = open_round(other, Quarter(2020, 1), by=their_office)
    home = factories.household(village=factories.OTHER_COUNTY_VILLAGE)
    Lead.objects.create(
        round=round,
        household=home,
        source="online",
        subcriterion="housing.unsafe",
        category="marginal",
        above_line=False,
        in_case=False,
    )
    assert desk.leads() == []


def test_open_round_of_a_past_quarter(office):
    assert run("open_round", *OF_ROUND, *BY_OFFICE, "--json").json["quarter"] == QUARTER
    assert str(Round.objects.get().period) == QUARTER


# --- refused as a whole: 1, and nothing changed
# --------------------------------------------------------------


@pytest.fixture
def files(tmp_path) -> dict[str, str]:
    return {
        "registry": registry_file(tmp_path),
        "income": a_file(tmp_path, books.plain(books.INCOME, [income("A1")]), "收入.xlsx"),
        "picture": a_file(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100), "b.xlsx"),
        "empty": a_file(tmp_path, b"", "c.csv"),
        "broken": a_file(tmp_path, books.plain(books.REGISTRY, family("A1"))[:900], "d.xlsx"),
        "headless": a_file(tmp_path, books.workbook([["姓名", "电话"], ["韦", "1"]]), "e.xlsx"),
        "absent": str(tmp_path / "none.xlsx"),
    }


@pytest.mark.parametrize("which", ["picture", "empty", "broken", "headless", "absent"])
@pytest.mark.parametrize("command", ["import_registry", "import_income", "import_feed"])
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_refused_file(office, round_2020q1, files, command, which, dry):
    kind, place = (["medical_settlement"], OF_ROUND) if command == "import_feed" else ([], IN_COUNTY)
    ran = run(command, *kind, files[which], *place, *BY_OFFICE, "--json", *dry)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err
    assert not Household.objects.exists()
    assert not Feed.objects.exists()


@pytest.mark.parametrize("path", ["none.xlsx", "."])
def test_refused_file_that_cannot_be_opened_is_told_in_chinese(office, tmp_path, path):
    ran = run("import_registry", tmp_path / path, *IN_COUNTY, *BY_OFFICE)
    words = ran.err.removeprefix(f"读不了文件 {tmp_path / path}：")
    assert words != ran.err
    assert words.isascii() is False and "such" not in words and "directory" not in words


@pytest.mark.parametrize("command", ["import_registry", "import_income"])
def test_answer_names_the_headings_that_are_unknown(office, tmp_path, command):
    lines = books.grid(books.REGISTRY, family("A1"))
    if command == "import_income":
        lines = books.grid(books.INCOME, [income("A1")])
    lines = [line + cell for line, cell in zip(lines, (["血型"], ["A"]), strict=True)]
    ran = run(command, a_file(tmp_path, books.workbook(lines)), *IN_COUNTY, *BY_OFFICE, "--json")
    assert ran.json["unknown_headings"] == ["血型"]
    assert "没有用到的列：血型" in ran.err


COMMANDS = [
    ["import_registry", "registry", *IN_COUNTY],
    ["import_income", "income", *IN_COUNTY],
    ["import_feed", "medical_settlement", "registry", *OF_ROUND],
    ["open_round", *IN_COUNTY, "--quarter", "2020Q2"],
    ["sweep", *OF_ROUND],
]


@pytest.mark.parametrize(
    ("words", "who"),
    [
        *((words, who) for words in COMMANDS for who in ("village", "other")),
        *((COMMANDS[0], who) for who in ("nobody", "admin", "leaver")),
    ],
)
def test_refused_without_the_right(office, round_2020q1, village_cadre, administrator, files, words, who):
    from fangpin.accounts.models import Duty
    from fangpin.accounts.roles import Role

    factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    factories.user("leaver", Role.OFFICE, factories.COUNTY)
    Duty.objects.filter(user__username="leaver").update(ends_on="2020-01-01")
    ran = run(*(files.get(word, word) for word in words), "--as", who, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert not Household.objects.exists()
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    "words",
    [
        ["sweep", *OF_ROUND, *BY_OFFICE],
        ["import_feed", "medical_settlement", "registry", *OF_ROUND, *BY_OFFICE],
        ["leads", *OF_ROUND],
    ],
)
def test_refused_without_a_round(office, files, words):
    ran = run(*(files.get(word, word) for word in words), "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "open_round" in ran.err


# --- as real processes
# -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def story(site, tmp_path_factory):
    """From the registry to the leads; the named ones in processes of their own: name → what it answered."""
    folder = tmp_path_factory.mktemp("story")
    mine = site.copy(folder / "story")
    row = head(姓名="韦大山")
    registry = a_file(
        folder,
        books.text_file(
            books.REGISTRY, [*family("A1", row, status="脱贫户"), *family("", head())], "gb18030"
        ),
        "r.csv",
    )
    incomes = a_file(folder, books.plain(books.INCOME, [income("A1", 工资性收入="5000.01")]), "i.xlsx")
    who = type("Who", (), {"name": "韦大山", "id_number": row["证件号码"]})
    costs = books.plain(books.FEEDS["medical_settlement"], [settlement(who), settlement(who, "x")])
    feed = a_file(folder, costs, "f.xlsx")
    answers = {
        "registry": mine.run("import_registry", registry, *IN_COUNTY, *BY_OFFICE, "--json"),
        "early": mine.run("sweep", *OF_ROUND, *BY_OFFICE, "--json"),
    }
    mine.run_all(
        ["import_income", incomes, *IN_COUNTY, *BY_OFFICE],
        ["open_round", *OF_ROUND, *BY_OFFICE],
        ["import_feed", "medical_settlement", feed, *OF_ROUND, "--as", "dept-insurance"],
        ["sweep", *OF_ROUND, *BY_OFFICE],
    )
    answers["leads"] = mine.run("leads", *OF_ROUND, "--source", "online", "--json")
    yield answers
    mine.drop()


def test_process_exit_codes(story):
    codes = {name: ran.code for name, ran in story.items()}
    assert codes == {"registry": 0, "early": 1, "leads": 0}


def test_process_answers_json_alone(story):
    assert add_up(story["registry"].json)["created"] == 2


def test_process_tells_the_lead(story):
    (lead,) = story["leads"].lines
    assert (lead["household_no"], lead["subcriterion"]) == ("A1", "medical.out_of_pocket")
    assert (lead["category"], lead["above_line"]) == ("monitored", True)


def test_process_says_why_on_stderr(story):
    assert story["early"].out == ""
    assert "Traceback" not in story["early"].err
    assert "还没有开启" in story["early"].err


def test_process_wrong_usage(site):
    ran = site.run("sweep", *IN_COUNTY, "--quarter", "2020Q5", *BY_OFFICE)
    assert (ran.code, ran.out) == (2, "")
    assert "2020Q1" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ["import_feed"],
        ["import_registry"],
        ["import_registry", "a.xlsx", *IN_COUNTY],
        ["import_income", "a.xlsx", *BY_OFFICE],
        ["open_round", *IN_COUNTY, *BY_OFFICE],
        ["feed_template", "no_such_kind", "a.xlsx"],
        ["leads", *OF_ROUND, "--source", "both"],
        ["import_feed", "no_such_kind", "a.xlsx", *OF_ROUND, *BY_OFFICE],
        ["sweep", *IN_COUNTY, "--quarter", "2020Q5", *BY_OFFICE],
        ["sweep", *OF_ROUND],
        ["leads", "--county", "duan", "--quarter", QUARTER, "--json"],
    ],
)
def test_wrong_usage(capsys, words):
    with pytest.raises(SystemExit) as left:
        ManagementUtility(["manage.py", *words]).execute()
    assert left.value.code == 2
    assert capsys.readouterr().out == ""
