"""What one row of each list comes to (Art. 7(1)), from tables; no database."""

import datetime

import pytest

from fangpin.common.cells import CellFault
from screening.criteria import education, feed_kinds, medical
from screening.criteria.base import Figures

DAY = datetime.date(2020, 3, 1)


def figures(kind: str, **cells) -> Figures:
    return feed_kinds()[kind].figures(**cells)


@pytest.mark.parametrize(
    ("persuasion", "is_out", "reason"),
    [
        ("", True, "未填劝返情况"),
        ("未返校", True, "未返校"),
        (" 劝返中 ", True, "劝返中"),
        ("已返校", False, "劝返情况：已返校"),
        ("送教上门", False, "劝返情况：送教上门"),
    ],
)
def test_dropout_until_somebody_brought_the_child_back(persuasion, is_out, reason):
    """Art. 7(1)1."""
    assert figures("school_dropout", reason=" 因 贫", persuasion=persuasion, left_on=DAY) == Figures(
        on_date=DAY, qualifies=is_out, reason=reason, word="因贫"
    )


@pytest.mark.parametrize(
    ("ownership", "full_time", "reason"),
    [
        ("公办", True, ""),
        ("民办", True, "不是公办学校"),
        ("公办", False, "不是全日制"),
        ("民办", False, "不是公办学校"),
    ],
)
def test_fees_of_public_full_time_schooling(ownership, full_time, reason):
    """Art. 7(1)1."""
    told = {"stage": "小学", "ownership": ownership, "full_time": full_time, "fees": 900_00, "aid": 1000_00}
    assert figures("student_hardship", **told) == Figures(
        amount=-100_00, qualifies=not reason, reason=reason, word="小学"
    )


@pytest.mark.parametrize("word", ["学前", "幼儿园", "托幼机构", "托儿所"])
def test_nursery_is_no_schooling(word):
    """Art. 7(1)1."""
    with pytest.raises(CellFault) as raised:
        education.stage_of_schooling(word)
    assert (raised.value.code, raised.value.message) == (
        "code",
        f"“{word}”属于学前教育，不是学历教育，这一行不用报送。",
    )


def test_stage_of_schooling():
    assert [education.stage_of_schooling(word) for word in ("完小", "职高", "大学本科")] == [
        "小学",
        "中职",
        "本科",
    ]


@pytest.mark.parametrize(
    ("total", "compliant", "paid", "own"),
    [
        (100, 80, 30, 50),
        (100, 30, 30, 0),
        (100, 30, 80, 0),
        (0, 80, 30, 50),
        (0, 0, 0, 0),
        # A reversal is the mirror image.
        (-100, -80, -30, -50),
        (-100, -30, -80, 0),
        (-100, 0, -30, 0),
        (-1, -80, -30, -50),
        # The sign of the total alone is turned.
        (-100, 80, 30, -50),
        (-100, 30, 80, 0),
        (-100, 0, 0, 0),
        (-100, 0, 30, 0),
        (-100, -1, 30, -31),
        (-100, 1, -30, -31),
        (-100, 1, 0, -1),
    ],
)
def test_own_share_of_a_settlement(total, compliant, paid, own):
    """Art. 7(1)2: compliant less everything paid, never below zero; a reversal never above."""
    assert medical.own_share(total=total, compliant=compliant, paid=paid) == own


@pytest.mark.parametrize(("scheme", "reason"), [("resident", ""), ("employee", "参加职工医保")])
def test_settlement_of_the_resident_scheme(scheme, reason):
    """Art. 7(1)2."""
    paid = {"basic": 1, "major": 20, "aid": 300, "other_paid": 4000}
    told = {"settled_on": DAY, "total": 99_999, "compliant": 54_321, "scheme": scheme} | paid
    assert figures("medical_settlement", **told) == Figures(
        on_date=DAY, amount=50_000, qualifies=scheme == "resident", reason=reason
    )


def test_settlement_that_was_reversed():
    paid = {"basic": -10, "major": 0, "aid": 0, "other_paid": 0}
    told = {"settled_on": DAY, "total": -100, "compliant": -70, "scheme": "resident"} | paid
    assert figures("medical_settlement", **told).amount == -60


@pytest.mark.parametrize(
    ("severity", "treatment", "qualifies", "reason"),
    [
        ("大病", "未救治", True, "大病，未救治"),
        ("重病", "间断救治", True, "重病，间断救治"),
        ("慢性病", "未救治", True, "慢性病，未救治"),
        ("其他", "未救治", False, "病情类别是“其他”，不是大病、重病或慢性病"),
        ("大病", "救治中", False, "救治情况是“救治中”"),
        ("其他", "已救治", False, "病情类别是“其他”，不是大病、重病或慢性病"),
    ],
)
def test_serious_illness_not_treated(severity, treatment, qualifies, reason):
    """Art. 7(1)2."""
    told = {"severity": severity, "diagnosed_on": DAY, "treatment": treatment, "reason": "经济 困难"}
    assert figures("untreated_illness", **told) == Figures(
        on_date=DAY, qualifies=qualifies, reason=reason, word="经济困难"
    )


@pytest.mark.parametrize(
    ("grade", "cause", "renovation", "only_home", "reason"),
    [
        ("C", "自然灾害", "未改造", True, ""),
        ("D", "危险场地", "改造中", True, ""),
        ("D", "不可抗力", "未改造", True, ""),
        ("B", "自然灾害", "未改造", True, "鉴定为 B 级，不是 C 级或 D 级"),
        ("C", "自然灾害", "未改造", False, "另有住房，不是唯一住房"),
        ("C", "自然灾害", "已改造", True, "已改造"),
        ("C", "年久失修", "未改造", True, "成因是年久失修，不是自然灾害、危险场地或不可抗力"),
        ("A", "年久失修", "已改造", False, "鉴定为 A 级，不是 C 级或 D 级"),
    ],
)
def test_dangerous_home(grade, cause, renovation, only_home, reason):
    """Art. 7(1)3."""
    told = {"grade": grade, "appraised_on": DAY, "cause": cause, "renovation": renovation}
    assert figures("unsafe_housing", only_home=only_home, **told) == Figures(
        on_date=DAY,
        qualifies=not reason,
        reason=reason,
        word=f"{grade} 级，{cause}，唯一住房，{renovation}",
    )


@pytest.mark.parametrize(
    ("problem", "solved", "reason", "word"),
    [
        ("水源污染", False, "未解决", "水源污染"),
        ("设施受损", True, "已解决", "设施受损"),
        ("其他", False, "未解决", "其他饮水问题"),
    ],
)
def test_water_until_somebody_solved_it(problem, solved, reason, word):
    """Art. 7(1)4."""
    assert figures("water_shortage", problem=problem, found_on=DAY, solved=solved) == Figures(
        on_date=DAY, qualifies=not solved, reason=reason, word=word
    )


@pytest.mark.parametrize(("loss", "paid", "net"), [(900, 200, 700), (200, 900, -700), (0, 0, 0)])
def test_net_loss(loss, paid, net):
    """Art. 7(1)5: below zero where more was paid than was lost."""
    told = {"damaged_on": DAY, "disaster": "水灾", "loss": loss, "paid": paid}
    assert figures("disaster_loss", **told) == Figures(on_date=DAY, amount=net, word="水灾")


@pytest.mark.parametrize(
    ("state", "qualifies", "reason"),
    [("失业", True, ""), ("返乡", True, ""), ("在岗", False, "在岗"), ("灵活就业", False, "灵活就业")],
)
def test_out_of_work(state, qualifies, reason):
    """Art. 7(1)5."""
    assert figures("job_loss", state=state, state_on=DAY, months=7) == Figures(
        on_date=DAY, months=7, qualifies=qualifies, reason=reason, word=state
    )


@pytest.mark.parametrize(
    ("cause", "qualifies", "reason"),
    [("自然灾害", True, ""), ("意外变故", True, ""), ("其他", False, "事由：其他")],
)
def test_unavoidable_spending(cause, qualifies, reason):
    """Art. 7(1)6."""
    assert figures("rigid_expense", cause=cause, spent_on=DAY, spent=900, given=1000) == Figures(
        on_date=DAY, amount=-100, qualifies=qualifies, reason=reason, word=cause
    )


@pytest.mark.parametrize(
    ("sort", "grade", "qualifies", "word"),
    [
        ("肢体残疾", 1, True, "肢体残疾一级"),
        ("视力残", 2, True, "视力残疾二级"),
        ("智力", 3, False, "智力残疾三级"),
        ("残疾", 4, False, "残疾四级"),
    ],
)
def test_severe_disability(sort, grade, qualifies, word):
    """Art. 7(1)6."""
    assert figures("disability", sort=sort, grade=grade, certified_on=DAY) == Figures(
        on_date=DAY, qualifies=qualifies, reason="" if qualifies else word, word=word
    )


@pytest.mark.parametrize(
    ("outcome", "qualifies", "reason"),
    [("致残", True, ""), ("致亡", True, ""), ("致伤", False, "致伤")],
)
def test_hurt_in_traffic(outcome, qualifies, reason):
    """Art. 7(1)6."""
    assert figures("traffic_accident", happened_on=DAY, outcome=outcome) == Figures(
        on_date=DAY, qualifies=qualifies, reason=reason, word=outcome
    )


def test_assistance_is_shown_and_raises_nothing():
    assert figures("assistance", benefit="低保", since=DAY, amount=5) == Figures(
        on_date=DAY, amount=5, qualifies=True, word="低保"
    )
