"""Reads the registry workbook (户册): cells to persons, persons to households, faults named by row.

Nothing here touches the database; `registry_import` does, set-based.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from fangpin.accounts.places.divisions import PlaceFinder
from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.equal_rows import Parsed, earlier_equals
from fangpin.common.outcomes import Outcome, RowFault, parse_column
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column, Table
from households.codelists import (
    CATEGORY_OF_STATUS,
    ETHNIC_GROUPS,
    HEALTH,
    Category,
    Education,
    HouseholdStatus,
    Labour,
    Relation,
    Student,
    words_of,
)

COLUMNS = [
    Column("县(市、区、旗)", synonyms=("县", "县区", "区县", "县名", "县(市、区)")),
    Column("乡(镇)", required=True),
    Column("行政村", required=True),
    Column("自然村", synonyms=("自然村（屯）", "自然村屯", "自然屯", "屯", "屯（组）", "村民小组", "组")),
    Column(
        "户编号",
        required=True,
        synonyms=("户编码", "户主编号", "家庭编号", "户号"),
        kind="id",
        note="一般农户没有编号的可留空，跟在户主下面",
    ),
    Column("人编号", synonyms=("人口编号", "人编码"), kind="id"),
    Column("姓名", required=True, synonyms=("成员姓名", "家庭成员姓名", "人员姓名")),
    Column("证件号码", required=True, kind="id"),
    Column(
        "与户主关系", required=True, synonyms=("与户主的关系", "家庭关系"), choices=tuple(Relation.labels)
    ),
    Column("民族", choices=ETHNIC_GROUPS),
    Column("文化程度", choices=tuple(Education.labels)),
    Column("在校生状况", synonyms=("在校生情况", "在校状况"), choices=tuple(Student.labels)),
    Column("健康状况", synonyms=("身体状况",), note="可填多项，用逗号隔开：" + "、".join(HEALTH)),
    Column("劳动技能", synonyms=("劳动能力", "劳动力状况"), choices=tuple(Labour.labels)),
    Column("务工时间（月）", synonyms=("务工时间", "务工月数", "务工时间(月)"), kind="whole"),
    Column("是否参加大病保险", choices=("是", "否")),
    Column("户类型", required=True, synonyms=("农户类型", "户属性"), choices=tuple(HouseholdStatus.labels)),
    Column("脱贫年度", synonyms=("脱贫年份", "脱贫时间"), kind="whole", note="脱贫户必填，2014 至 2020"),
    Column("户联系电话", synonyms=("家庭联系电话", "户主电话"), kind="id"),
    Column("人联系电话", synonyms=("成员联系电话", "联系电话"), kind="id"),
    Column("住房等级", synonyms=("住房鉴定等级", "危房等级", "房屋等级")),
    Column("是否解决安全饮用水", synonyms=("是否解决饮水安全",), choices=("是", "否")),
    Column(
        "监测对象类型",
        synonyms=("监测对象类别", "易返贫致贫户(监测对象)类型"),
        choices=tuple(Category.labels),
    ),
    Column("风险识别时间", synonyms=("识别监测时间", "监测对象识别时间"), kind="date"),
    Column("致贫返贫风险", synonyms=("致贫/返贫风险", "致贫返贫风险1", "返贫致贫风险")),
]

# Cells that must agree over a household's rows (the telephone is not among them: it is dropped with a word).
_SHARED = {
    "village": "行政村",
    "hamlet": "自然村",
    "status": "户类型",
    "lifted_year": "脱贫年度",
    "category": "监测对象类型",
    "identified_on": "风险识别时间",
    "risk_words": "致贫返贫风险",
    "housing_grade": "住房等级",
    "water_secured": "是否解决安全饮用水",
}


@dataclass(slots=True)
class Person:
    """One row of the workbook."""

    row: int
    position: int
    household_no: str = ""
    fault: CellFault | None = None
    values: dict = field(default_factory=dict)

    def __getattr__(self, name: str):
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def is_head(self) -> bool:
        return self.values["relation"] == Relation.HEAD


@dataclass(slots=True)
class Group:
    """The rows of one household; `values` are its household cells once they agree."""

    number: str
    persons: list[Person]
    values: dict = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)  # ID numbers in rows of it that were refused

    @property
    def head(self) -> Person:
        return next(person for person in self.persons if person.is_head)


def read_groups(
    table: Table, places: PlaceFinder, in_area: Callable[[str], bool], outcome: Outcome
) -> tuple[list[Group], list[Person]]:
    """Households of the file that are sound by themselves, in file order, and the persons of those that are
    not; every row that is in no sound household is in `outcome`.

    `in_area(village code)` says whether the importing duty covers a village.
    """
    outcome.read = len(table.rows)
    persons, parsed = _persons(table, places, in_area, outcome)
    persons = list(_without_equal_rows(persons, earlier_equals(table, parsed), outcome))
    groups = [group for group in _grouped(persons, outcome) if _sound(group, outcome)]
    sound = {person.position for group in groups for person in group.persons}
    return groups, [person for person in persons if person.position not in sound]


# --- cells ------------------------------------------------------------------------------------------


def _choice(words: dict[str, str], value) -> str:
    try:
        return words[cells.fold(value)]
    except KeyError:
        raise CellFault("code", f"{cells.shown(value)}不是规定的选项，请按模板的下拉选项填写。") from None


def _chooser(choices) -> Callable:
    return partial(_choice, {cells.fold(word): value for word, value in words_of(choices).items()})


def _yes_no(value) -> bool:
    return _choice({"是": True, "否": False, "有": True, "无": False}, value)


def _health(value) -> str:
    parts = [
        part for part in cells.text(value).replace("，", ",").replace("、", ",").split(",") if part.strip()
    ]
    known = {cells.fold(word): word for word in HEALTH}
    return ",".join(dict.fromkeys(_choice(known, part) for part in parts))


def _ethnic_group(value) -> str:
    known = {name: name for name in ETHNIC_GROUPS} | {name[:-1]: name for name in ETHNIC_GROUPS}
    return _choice(known, value)


def _short(value, length: int = 60) -> str:
    text = cells.text(value)
    if len(text) > length:
        raise CellFault("code", f"超过 {length} 个字，请缩短。")
    return text


def _name(value) -> str:
    return _short(cells.name(value))


def _housing_grade(value) -> str:
    text = cells.fold(value).upper()
    return text[0] if text[:1] in ("A", "B", "C", "D") else _short(value, 20)


# attribute → (heading, parser, default, what a bad value does: refuse the row, or drop the value with a
# warning)
_PARSERS = {
    "household_no": ("户编号", cells.identifier, "", "refuse"),
    "number": ("人编号", cells.identifier, "", "refuse"),
    "name": ("姓名", _name, "", "refuse"),
    "id_number": ("证件号码", idnumbers.parse, "", "refuse"),
    "relation": ("与户主关系", _chooser(Relation), "", "refuse"),
    "ethnic_group": ("民族", _ethnic_group, "", "drop"),
    "education": ("文化程度", _chooser(Education), "", "drop"),
    "student": ("在校生状况", _chooser(Student), "", "drop"),
    "health": ("健康状况", _health, "", "drop"),
    "labour": ("劳动技能", _chooser(Labour), "", "drop"),
    "work_months": ("务工时间（月）", partial(cells.whole, low=0, high=12), None, "drop"),
    "major_illness_insured": ("是否参加大病保险", _yes_no, None, "drop"),
    "status": ("户类型", _chooser(HouseholdStatus), "", "refuse"),
    "lifted_year": ("脱贫年度", partial(cells.whole, low=2014, high=2020), None, "refuse"),
    "household_phone": ("户联系电话", cells.phone, "", "drop"),
    "phone": ("人联系电话", cells.phone, "", "drop"),
    "housing_grade": ("住房等级", _housing_grade, "", "drop"),
    "water_secured": ("是否解决安全饮用水", _yes_no, None, "drop"),
    "category": ("监测对象类型", _chooser(Category), "", "refuse"),
    "identified_on": ("风险识别时间", cells.day, None, "refuse"),
    "risk_words": ("致贫返贫风险", partial(_short, length=120), "", "drop"),
    "hamlet": ("自然村", _short, "", "drop"),
    "county_name": ("县(市、区、旗)", cells.text, "", "refuse"),
    "township_name": ("乡(镇)", cells.text, "", "refuse"),
    "village_name": ("行政村", cells.text, "", "refuse"),
}
# The column of household numbers must be there; its cells may be blank for ordinary households.
_REQUIRED = {column.heading for column in COLUMNS if column.required} - {"户编号"}
# Cells that matter only beside another one: wrong without it, they are dropped like any optional value.
_MATTERS = {
    "lifted_year": lambda values: values["status"] in ("", HouseholdStatus.LIFTED),
    "identified_on": lambda values: values["category"] != "",
}


def _persons(
    table: Table, places: PlaceFinder, in_area, outcome: Outcome
) -> tuple[list[Person], dict[str, Parsed]]:
    parsed = {}
    persons = [Person(row=number, position=position) for position, number in enumerate(table.numbers)]
    for attribute, (heading, parser, default, on_fault) in _PARSERS.items():
        values, faults = parse_column(
            table.column(heading), parser, heading=heading, required=heading in _REQUIRED, default=default
        )
        parsed[heading] = values, faults
        for person, value in zip(persons, values, strict=True):
            person.values[attribute] = value
        matters = _MATTERS.get(attribute, lambda _values: True)
        for position, fault in faults.items():
            if on_fault == "refuse" and matters(persons[position].values):
                persons[position].fault = persons[position].fault or fault
            else:
                outcome.warnings.append(
                    RowFault(
                        persons[position].row,
                        fault.code,
                        f"{fault.message}（此项未导入，该行其他内容已导入）",
                    )
                )
    for person in persons:
        person.household_no = person.values["household_no"]
        person.values["village"] = _village(person, places, in_area)
        person.fault = person.fault or _fault_of(person)
    return persons, parsed


def _village(person: Person, places: PlaceFinder, in_area) -> str | CellFault:
    if person.county_name and not places.is_county(person.county_name):
        return CellFault("division_unknown", f"{cells.shown(person.county_name)}不是本县，请核对“县”一栏。")
    code = places.village(person.township_name, person.village_name)
    words = cells.shown(f"{person.township_name} {person.village_name}")
    if code is None:
        return CellFault("division_unknown", f"在本县找不到{words}，请按区划名称填写乡镇和行政村。")
    if not in_area(code):
        return CellFault("division_unknown", f"{words}不在您管辖的范围内。")
    return code


def _fault_of(person: Person) -> CellFault | None:
    if not person.household_no and person.status and person.status != HouseholdStatus.ORDINARY:
        return CellFault("required", "“户编号”没有填：只有一般农户可以留空，请补填。")
    if person.status == HouseholdStatus.LIFTED and person.lifted_year is None:
        return CellFault("required", "“脱贫年度”没有填：脱贫户须填 2014 至 2020 年，请补填。")
    if person.category and person.identified_on is None:
        return CellFault("required", "“风险识别时间”没有填：有监测对象类型的须填，请补填。")
    return None


# --- rows to households -----------------------------------------------------------------------------


def _without_equal_rows(persons: list[Person], equal: dict[int, int], outcome: Outcome) -> Iterator[Person]:
    for person in persons:
        if (seen := equal.get(person.position)) is None:
            yield person
        else:
            message = f"与第 {persons[seen].row} 行内容相同，这一行没有再计入，请核对后删去多余的行。"
            outcome.set_aside.append(RowFault(person.row, "duplicate_row", message))


def _grouped(persons: list[Person], outcome: Outcome) -> list[Group]:
    """Rows by household number; a row without one belongs to the head above it. Where such a row does not say
    whether it is a head, nobody below it is put into the household above it."""
    groups: dict[object, Group] = {}
    above: Group | None = None
    for person in persons:
        if not person.household_no and not person.is_head:
            group = above
            ordinary = group is not None and group.head.status in ("", HouseholdStatus.ORDINARY)
            if not person.relation:
                above = None
            if group is None or not ordinary:
                fault = person.fault or CellFault(
                    "head_none", "没有户编号，上面也没有它的户主，请补填户编号或户主行。"
                )
                outcome.refused.append(RowFault(person.row, fault.code, fault.message))
                continue
        else:
            key = person.household_no or ("own", person.row)
            group = groups.setdefault(key, Group(number=person.household_no, persons=[]))
        group.persons.append(person)
        if person.is_head:
            above = group
    return list(groups.values())


def _sound(group: Group, outcome: Outcome) -> bool:
    """Sorts out the faults of a household's rows; False when the household can't be taken in."""
    _set_twice_listed_aside(group, outcome)
    heads = [person for person in group.persons if person.is_head]
    if not heads:
        return _refuse(
            group, outcome, CellFault("head_none", "这一户没有户主，请在“与户主关系”中填明谁是户主。")
        )
    if len(heads) > 1:
        rows = "、".join(str(head.row) for head in heads)
        return _refuse(
            group,
            outcome,
            CellFault(
                "head_many",
                (
                    f"这一户有 {len(heads)} 个户主（第 {rows} 行），只能有一个：请查明谁是户主，"
                    f"改正其余人的“与户主关系”；是两户的，请分别填户编号。"
                ),
            ),
        )
    if heads[0].fault:
        fault = CellFault("head_none", f"户主所在的第 {heads[0].row} 行有错，全户没有导入；请先改正该行。")
        return _refuse(group, outcome, fault)
    if fault := _household_fault(group):
        return _refuse(group, outcome, fault)
    for person in [person for person in group.persons if person.fault]:
        group.persons.remove(person)
        group.refused.append(person.id_number)
        outcome.refused.append(RowFault(person.row, person.fault.code, person.fault.message))
    return True


def _set_twice_listed_aside(group: Group, outcome: Outcome) -> None:
    first: dict[str, int] = {}
    kept = []
    for person in group.persons:
        number = person.id_number
        if number and number in first:
            outcome.set_aside.append(
                RowFault(
                    person.row,
                    "duplicate_row",
                    f"这个人在本户第 {first[number]} 行已经有了，请核对后保留一行。",
                )
            )
            continue
        first[number] = person.row
        kept.append(person)
    group.persons = kept


def _household_fault(group: Group) -> CellFault | None:
    for person in group.persons:
        if isinstance(person.village, CellFault) and not (person.fault and person.fault.code == "required"):
            return person.village
    for attribute, heading in _SHARED.items():
        values = {
            value: person.row
            for person in reversed(group.persons)
            if not person.fault and (value := person.values[attribute]) not in (None, "")
        }
        if len(values) > 1:
            rows = "、".join(str(row) for row in sorted(values.values()))
            code = "division_unknown" if attribute in ("village", "hamlet") else "category_conflict"
            return CellFault(code, f"同一户的“{heading}”前后不一致（第 {rows} 行），请改成一致。")
        group.values[attribute] = next(iter(values), None)
    phones = {p.values["household_phone"] for p in group.persons if p.values["household_phone"]}
    group.values["phone"] = group.head.values["household_phone"] or min(phones, default="")
    return _category_fault(group.values["status"], group.values["category"])


def _category_fault(status: str, category: str | None) -> CellFault | None:
    """Art. 2: the category follows from the registry status and can't be set against it."""
    if not category or CATEGORY_OF_STATUS.get(status) == category:
        return None
    return CellFault(
        "category_conflict",
        f"“户类型”是{HouseholdStatus(status).label}，不能是{Category(category).label}：脱贫户对应脱贫监测户，"
        "一般农户对应边缘户，请核对。",
    )


def _refuse(group: Group, outcome: Outcome, fault: CellFault) -> bool:
    for person in group.persons:
        own = person.fault or fault
        outcome.refused.append(RowFault(person.row, own.code, own.message))
    return False
