import pytest

from fangpin.common import cells
from fangpin.common.workbooks import Column, MissingHeadings, read_table
from tests.common.workbooks.files import (
    HEADING,
    ID,
    NAME,
    NUMBER,
    OTHER,
    PLAIN,
    ROWS,
    csv_text,
    message_of,
    names,
    read,
    xls,
    xlsx,
)


@pytest.mark.parametrize(
    "heading",
    [
        "身份证号",
        "证件号",
        "证件号码",
        "身份证",
        "公民身份号码",
        "身份证号码（必填）",
        "*身份证号码",
        "身 份 证\n号 码",
        "身份证号码*",
        "证件号码：",
    ],
)
def test_heading_synonyms_of_the_number(heading):
    assert read([["姓名", heading], ["黄小明", NUMBER]]).places == {"姓名": 0, "身份证号码": 1}


@pytest.mark.parametrize(
    ("canonical", "heading"),
    [
        ("户主身份证号码", "户主身份证号"),
        ("户主身份证号码", "户主证件号码"),
        ("户主证件号码", "户主身份证"),
        ("乡(镇)", "乡镇"),
        ("乡(镇)", "乡（镇、街道）"),
        ("乡(镇)", "乡镇名称"),
        ("行政村", "村"),
        ("行政村", "村（社区）"),
        ("行政村", "行政村名称"),
        ("自然村（屯）", "自然村"),
        ("自然村（屯）", "自然屯"),
        ("自然村", "自然村（屯）"),
        ("自然村", "屯"),
        ("自然村（屯）", "村民小组"),
        ("自然村（屯）", "组"),
        ("务工时间（月）", "务工时间(月)"),
        ("务工时间（月）", "务工时间"),
        ("估计损失", "估计损失（元）"),
        ("估计损失", "估计损失(单位：元)"),
        ("受灾日期", "受灾日期（YYYY-MM-DD）"),
        ("伤亡情况", "伤亡情况(致伤/致残/致亡)"),
    ],
)
def test_heading_synonyms(canonical, heading):
    columns = [NAME, Column(canonical, required=True)]
    assert read([["姓名", heading], ["黄小明", "甲"]], columns).places[canonical] == 1


@pytest.mark.parametrize("unit", ["（万元）", "(万元/户)", "（单位：万元）"])
def test_heading_in_ten_thousands_is_not_taken_for_yuan(unit):
    with pytest.raises(MissingHeadings) as caught:
        read([["姓名", f"损失{unit}"], ["黄小明", 1]], [NAME, Column("损失", required=True, kind="amount")])
    assert caught.value.missing == ["损失"]


def test_heading_unit_of_ten_thousands_over_the_table_is_refused():
    rows = [["支出名单"], ["单位：万元"], *ROWS]
    assert "万元" in message_of(xlsx(rows))
    assert len(read_table(xlsx(rows), "x.xlsx", [NAME, ID]).rows) == 2


def test_heading_synonym_of_the_caller():
    columns = [
        Column("姓名", required=True, synonyms=("学生姓名", "应接受义务教育未接受适龄儿童少年姓名")),
        Column("学校"),
    ]
    rows = [["应接受义务教育未接受适龄儿童少年姓名", "户主姓名", "学校"], ["黄小明", "黄大明", "甲校"]]
    table = read(rows, columns)
    assert names(table) == ["黄小明"]
    assert table.unknown == ["户主姓名"]


def test_heading_remembered_wins_over_synonyms():
    rows = [["姓名", "身份证号", "本人证号"], ["黄小明", "0", NUMBER]]
    table = read(rows, remembered={cells.fold("本人证号"): "身份证号码"})
    assert table.column("身份证号码") == [NUMBER]
    assert table.unknown == ["身份证号"]


def test_heading_remembered_for_another_list_is_ignored():
    assert read(ROWS, remembered={"备注": "不存在"}).places["姓名"] == 1


def test_heading_claimed_twice_exact_wins():
    table = read([["姓名", "证件号码", "身份证号码"], ["黄小明", "0", NUMBER]])
    assert table.column("身份证号码") == [NUMBER]
    assert table.unknown == ["证件号码"]


def test_heading_claimed_twice_leftmost_wins():
    table = read([["姓名", "证件号", "身份证"], ["黄小明", NUMBER, "0"]])
    assert table.column("身份证号码") == [NUMBER]
    assert table.unknown == ["身份证"]


HEAD_ID, HEAD_NAME = Column("户主身份证号码", required=True, kind="id"), Column("户主姓名", required=True)


def test_heading_plain_number_is_not_the_heads_when_both_are_wanted():
    with pytest.raises(MissingHeadings) as caught:
        read([["姓名", "户主姓名", "身份证号"], ["黄小明", "黄大明", NUMBER]], [NAME, ID, HEAD_NAME, HEAD_ID])
    assert caught.value.missing == ["户主身份证号码"]


def test_heading_name_of_head_is_not_the_name():
    with pytest.raises(MissingHeadings) as caught:
        read([["户主姓名", "身份证号码"], ["黄大明", NUMBER]])
    assert caught.value.missing == ["姓名"]
    assert caught.value.texts == ["户主姓名", "身份证号码"]


def test_heading_plain_number_and_name_stand_for_the_head_alone():
    table = read([["姓名", "身份证号"], ["黄大明", NUMBER]], [HEAD_NAME, HEAD_ID])
    assert table.places == {"户主姓名": 0, "户主身份证号码": 1}


def test_heading_taken_by_another_column_does_not_stand_for_the_head():
    certificate = Column("残疾证号", required=True, synonyms=("证件号码",), kind="id")
    with pytest.raises(MissingHeadings) as caught:
        read(
            [["户主姓名", "证件号码", "身份证号"], ["黄大明", NUMBER, OTHER]],
            [HEAD_NAME, HEAD_ID, certificate],
        )
    assert caught.value.missing == ["户主身份证号码"]


def test_heading_of_the_head_wins_over_the_plain_one():
    table = read([["身份证号", "户主身份证号", "户主姓名"], [OTHER, NUMBER, "黄大明"]], [HEAD_NAME, HEAD_ID])
    assert table.column("户主身份证号码") == [NUMBER]
    assert table.unknown == ["身份证号"]


def test_heading_missing_is_named_with_what_was_found():
    with pytest.raises(MissingHeadings) as caught:
        read([["某县名单"], ["名字", "号码", "日期"], ["黄小明", NUMBER, "2020-03-05"]])
    assert caught.value.missing == ["姓名", "身份证号码"]
    assert caught.value.texts == ["名字", "号码", "日期"]
    assert all(words in caught.value.message for words in ("姓名", "名字", "模板"))


def test_heading_unknown_leaves_out_serial_and_remark():
    assert read(
        [["序号", "姓名", "身份证号码", "家庭地址", "备注"], [1, "黄小明", NUMBER, "甲", ""]]
    ).unknown == ["家庭地址"]


def test_heading_missing_column_reads_as_none():
    table = read([["姓名", "身份证号码"], ["黄小明", NUMBER], ["韦小红", OTHER]])
    assert table.column("支出金额") == [None, None]


@pytest.mark.parametrize("above", [1, 2, 3])
def test_heading_below_title_lines(above):
    titles = [["某县2020年第一季度名单"], ["填报单位：某局", "", "", "填报日期：2020年3月5日"], []][:above]
    table = read([*titles, *ROWS], merged=["A1:F1"])
    assert table.headings == HEADING
    assert table.numbers == [above + 2, above + 3]


def test_heading_not_in_the_first_column():
    table = read([[], ["", "", "姓名", "身份证号码"], ["", "", "黄小明", NUMBER]])
    assert table.headings == ["", "", "姓名", "身份证号码"]
    assert table.rows == [("", "", "黄小明", NUMBER)]
    assert table.numbers == [3]


TWO = [
    ["保障名单"],
    ["序号", "户主", "", "保障人数", "", "备注"],
    ["", "姓名", "身份证号码", "重点保障人数", "残疾人数", ""],
    [1, "黄大明", NUMBER, 2, 1, ""],
]
TWO_MERGED = ["A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"]
TWO_COLUMNS = [HEAD_NAME, HEAD_ID, Column("残疾人数")]
TWO_TEXTS = ["序号", "户主·姓名", "户主·身份证号码", "保障人数·重点保障人数", "保障人数·残疾人数", "备注"]


def two_rows_xls():
    return xls(TWO, [(0, 0, 0, 5), (1, 2, 0, 0), (1, 1, 1, 2), (1, 1, 3, 4), (1, 2, 5, 5)])


@pytest.mark.parametrize(
    "content",
    [xlsx(TWO, TWO_MERGED), two_rows_xls(), csv_text(TWO).encode(), xlsx(TWO)],
    ids=["xlsx", "xls", "csv", "unmerged"],
)
def test_heading_of_two_rows(content):
    table = read_table(content, "x", TWO_COLUMNS)
    assert table.headings == TWO_TEXTS
    assert table.places == {"户主姓名": 1, "户主身份证号码": 2, "残疾人数": 4}
    assert table.unknown == ["保障人数·重点保障人数"]
    assert table.numbers == [4]


def test_heading_group_of_somebody_else_is_not_the_person():
    with pytest.raises(MissingHeadings) as caught:
        read_table(xlsx(TWO, TWO_MERGED), "x", [NAME, ID])
    assert caught.value.missing == ["姓名", "身份证号码"]


THREE = [
    ["序号", "基本情况", "", "", "费用", "", "", "备注"],
    ["", "姓名", "身份证号码", "住址", "合计", "其中", "", ""],
    ["", "", "", "", "", "合规费用", "自费", ""],
    [1, "黄小明", NUMBER, "甲村", 30, 20, 10, ""],
]
THREE_MERGED = ["A1:A3", "B1:D1", "B2:B3", "C2:C3", "D2:D3", "E1:G1", "E2:E3", "F2:G2", "H1:H3"]


@pytest.mark.parametrize(
    "content", [xlsx(THREE, THREE_MERGED), csv_text(THREE).encode()], ids=["xlsx", "csv"]
)
@pytest.mark.parametrize("heading", ["合规费用", "其中合规费用", "费用·其中·合规费用"])
def test_heading_of_three_rows(content, heading):
    table = read_table(content, "x", [NAME, ID, Column(heading, required=True)])
    assert table.headings[1:] == [
        "基本情况·姓名",
        "基本情况·身份证号码",
        "基本情况·住址",
        "费用·合计",
        "费用·其中·合规费用",
        "费用·其中·自费",
        "备注",
    ]
    assert table.column(heading) == (["20"] if isinstance(table.rows[0][0], str) else [20.0])
    assert table.numbers == [4]


@pytest.mark.parametrize("merged", [["A1:A2", "B1:B2", "C1:D1"], []], ids=["merged", "unmerged"])
def test_heading_of_two_rows_with_nothing_wanted_in_the_second(merged):
    rows = [["姓名", "身份证号码", "住址", ""], ["", "", "门牌", "邮编"], ["黄小明", NUMBER, "甲", "乙"]]
    table = read(rows, merged=merged)
    assert table.headings == ["姓名", "身份证号码", "住址·门牌", "住址·邮编"]
    assert table.numbers == [3]


def test_heading_same_leaf_under_two_groups():
    rows = [
        ["姓名", "身份证号码", "甲类户", "", "乙类户", ""],
        ["", "", "是否属于", "人数", "是否属于", "人数"],
        ["黄小明", NUMBER, "是", 1, "否", 2],
    ]
    merged = ["A1:A2", "B1:B2", "C1:D1", "E1:F1"]
    table = read_table(xlsx(rows, merged), "x", [NAME, ID, Column("乙类户·是否属于")])
    assert table.column("乙类户·是否属于") == ["否"]
    assert table.unknown == ["甲类户·是否属于", "甲类户·人数", "乙类户·人数"]


def test_heading_flat_is_not_joined_with_the_first_data_row():
    rows = [["姓名", "身份证号码", "备注"], ["黄小明", "", ""], ["韦小红", OTHER, ""]]
    for content in (xlsx(rows), csv_text(rows).encode()):
        table = read_table(content, "x", PLAIN)
        assert table.headings == rows[0]
        assert names(table) == ["黄小明", "韦小红"]


def test_heading_joined_text_is_recognised_again():
    table = read([TWO_TEXTS, TWO[3]], TWO_COLUMNS)
    assert table.places == {"户主姓名": 1, "户主身份证号码": 2, "残疾人数": 4}


def test_heading_of_two_rows_repeated_is_no_data():
    again = [2, "韦大红", OTHER, 1, 0, ""]
    table = read([*TWO, *TWO[1:3], again], TWO_COLUMNS, TWO_MERGED)
    assert table.column("户主姓名") == ["黄大明", "韦大红"]


# --- several columns of one amount -----------------------------------------------------------------------

AMOUNTS = [
    Column("姓名", required=True),
    Column("基本报销", required=True, kind="amount"),
    Column("其他赔付", kind="amount", synonyms=("兜底", "二次报销")),
]
BOTH = ["姓名", "基本报销", "兜底", "二次报销"]


def amounts(headings, *rows, remembered=()):
    return read_table(xlsx([headings, *rows]), "x.xlsx", AMOUNTS, dict(remembered))


def test_two_known_words_for_one_amount_are_told_and_not_added_up():
    table = amounts(BOTH, ["黄小明", 1, 2, 3])
    assert table.doubled == {"其他赔付": ["兜底", "二次报销"]}
    assert (table.column("其他赔付"), table.sums) == ([2.0], {})
    assert table.unknown == ["二次报销"]


def test_two_remembered_words_for_one_amount_are_added_up():
    table = amounts(BOTH, ["黄小明", 1, 2.1, 3.2], remembered={"兜底": "其他赔付", "二次报销": "其他赔付"})
    assert [cells.fen(cell) for cell in table.column("其他赔付")] == [530]
    assert (table.doubled, table.unknown) == ({}, [])
    assert table.by_memory == {"其他赔付": ["兜底", "二次报销"]}


def test_a_new_word_beside_a_remembered_one_is_told():
    table = amounts(BOTH, ["黄小明", 1, 2, 3], remembered={"兜底": "其他赔付"})
    assert table.doubled == {"其他赔付": ["兜底", "二次报销"]}


def test_a_column_that_is_not_to_be_used_is_neither_used_nor_told():
    table = amounts(BOTH, ["黄小明", 1, 2, 3], remembered={"二次报销": "", "兜底": "其他赔付"})
    assert table.column("其他赔付") == [2.0]
    assert (table.doubled, table.unknown) == ({}, [])


def test_two_words_for_what_is_no_amount_are_not_added_up():
    table = read([["姓名", "证件号", "身份证号"], ["黄小明", NUMBER, NUMBER]])
    assert (table.doubled, table.unknown) == ({}, ["身份证号"])


def test_columns_of_the_same_words_are_told_apart():
    table = amounts(["姓名", "基本报销", "基本报销"], ["黄小明", 1, 2])
    assert table.headings == ["姓名", "基本报销", "基本报销（同名第2列）"]
    assert table.doubled == {"基本报销": ["基本报销", "基本报销（同名第2列）"]}
    second = amounts(
        ["姓名", "基本报销", "基本报销"],
        ["黄小明", 1, 2],
        remembered={"基本报销（同名第2列）": "基本报销", "基本报销": ""},
    )
    assert second.column("基本报销") == [2.0]


@pytest.mark.parametrize(
    ("values", "fen"),
    [
        (["100", "50.5"], 15050),
        (["", 3], 300),
        (["—", "/"], None),
        ([None, ""], None),
        (["1,000", -1], 99900),
        ([0.1, 0.2], 30),
        (["3万", "1元"], 3_000_100),
    ],
)
def test_amounts_added_up(values, fen):
    total = cells.added_up(values)
    assert (None if cells.is_blank(total) else cells.fen(total)) == fen


@pytest.mark.parametrize("wrong", ["很多", cells.NOT_CALCULATED, "#REF!"])
def test_an_amount_that_is_none_stands_for_the_sum(wrong):
    assert cells.added_up(["5", wrong, "7"]) == wrong


# --- a heading that is missing ------------------------------------------------------------------------------


def test_missing_heading_tells_the_columns_and_what_stands_in_them():
    with pytest.raises(MissingHeadings) as caught:
        amounts(["姓名", "老报销"], ["黄小明", 5], ["", ""], ["韦大山", 6])
    assert caught.value.missing == ["基本报销"]
    assert caught.value.headings == ["姓名", "老报销"]
    assert caught.value.sample == [["黄小明", 5.0], ["韦大山", 6.0]]


def test_missing_heading_of_a_file_of_which_no_word_is_known():
    with pytest.raises(MissingHeadings) as caught:
        amounts(["某局名单"], ["填报单位：某局", "", "2020年"], ["谁", "多少"], ["黄小明", 5], ["韦大山", 6])
    assert caught.value.headings == ["谁", "多少", ""]
    assert caught.value.sample[0][:2] == ["黄小明", 5.0]
