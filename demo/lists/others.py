"""The lists of the other departments in the present quarter: few rows each, most with a story, some without
effect. Two departments have not delivered yet: the office chases them."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from demo.lists.picking import members
from demo.lists.quarter import Lists
from demo.lists.sheets import Sheet
from households.codelists import Labour
from households.models import Hamlet, Household, Member
from households.rules import age_on, years_before


class Listed(NamedTuple):
    """A list, who brings it, and how many of a hundred households it touches."""

    file: str
    kind: str
    user: str
    sheet: Sheet


@dataclass(frozen=True)
class MoreLists:
    lists: Lists

    def all(self) -> Iterator[Listed]:
        yield Listed("5 教育局 学生资助名单.xlsx", "student_hardship", "dept-education", self.students())
        yield Listed("6 卫健局 未治疗患者名单.xlsx", "untreated_illness", "dept-health", self.patients())
        yield Listed("7 水利局 饮水问题名单.xlsx", "water_shortage", "dept-water", self.water())
        yield Listed("8 应急局 受灾名单.xlsx", "disaster_loss", "dept-emergency", self.disasters())
        yield Listed("9 人社局 务工情况名单.xlsx", "job_loss", "dept-labour", self.jobs())
        yield Listed("10 民政局 大额支出名单.xlsx", "rigid_expense", "dept-civil", self.expenses())
        yield Listed("11 民政局 救助待遇名单.xlsx", "assistance", "dept-civil", self.assistance())

    # --- one list each ------------------------------------------------------------------------------

    def students(self) -> Sheet:
        rows = []
        for person in self._students():
            fee = self._rng.choice((9_600, 10_200, 8_000, 7_900, 12_800))
            aid = self._rng.choice((0, 0, 2_000, 3_000))
            stage, kind = self._rng.choice(
                (("普通高中", "公办"), ("高职", "公办"), ("本科", "公办"), ("中职", "民办"))
            )
            school = "都安瑶族自治县高级中学" if stage == "普通高中" else "广西职业技术学院"
            rows.append([*self._who(person), school, stage, kind, "是", fee, aid])
        headings = ("姓名", "身份证号码", "学校", "学段", "办学性质", "全日制", "学年费用", "已获资助")
        return self._sheet("家庭经济困难学生费用和资助情况表", headings, rows)

    def _students(self) -> list[Member]:
        """Of 16 to 22 years, wherever in the county they live."""
        day = self.lists.round.last_day
        ages = (years_before(day, 22), years_before(day, 16))
        young = Member.objects.current().filter(household__county=self._county, birth_date__range=ages)
        students = list(young.order_by("pk"))
        return self._rng.sample(students, min(len(students), self.lists.share(0.008, 4)))

    def patients(self) -> Sheet:
        rows = []
        for person in self._people(0.006, 3, lambda age: age >= 18):
            illness, sort = self._rng.choice(
                (("尿毒症", "大病"), ("肺癌", "大病"), ("高血压三级", "慢性病"), ("脑梗死", "重病"))
            )
            state, reason = self._rng.choice(
                (("未救治", "经济困难"), ("间断救治", "无力承担"), ("未救治", "本人不愿意"), ("救治中", ""))
            )
            rows.append([*self._who(person), illness, sort, self._day(), state, reason])
        headings = ("姓名", "身份证号码", "病种", "病情类别", "确诊日期", "救治情况", "未救治原因")
        return self._sheet("大病重病慢性病患者救治情况表", headings, rows)

    def water(self) -> Sheet:
        """A hamlet without water in the first village, a household of another one, and one that is solved."""
        rows = []
        first = Hamlet.objects.filter(village__code__startswith=self._county.code[:6])
        hamlet = first.select_related("village__parent").order_by("village_id", "-pk").first()
        if hamlet is not None:
            rows.append([*_place(hamlet), "", "", "设施受损", self._day(), "未解决"])
        for family in members(self.lists.homes.take(self.lists.share(0.003, 2))).values():
            head = next(person for person in family if person.is_head)
            state = "未解决" if len(rows) % 2 else "已解决"
            where = _place(head.household.hamlet) if head.household.hamlet else _village(head.household)
            rows.append([*where, *self._who(head), "季节性缺水", self._day(), state])
        headings = (
            "乡(镇)",
            "行政村",
            "自然村（屯）",
            "户主姓名",
            "户主身份证号码",
            "问题类型",
            "发现日期",
            "解决情况",
        )
        return self._sheet("农村饮水安全问题排查表", headings, rows)

    def disasters(self) -> Sheet:
        rows = []
        for head in self._heads(0.006, 3):
            loss = self._rng.choice((1_000_000, 999_999, 1_860_000, 2_400_000, 640_000))
            paid = self._rng.choice((0, 0, 0, 200_000))
            kind = self._rng.choice(("洪涝", "干旱", "冰雹", "病虫害"))
            rows.append([*self._who(head), self._day(), kind, self._yuan(loss), self._yuan(paid)])
        headings = ("户主姓名", "户主身份证号码", "受灾日期", "灾种", "估计损失", "已获赔付救助")
        return self._sheet("农户受灾损失统计表", headings, rows)

    def jobs(self) -> Sheet:
        rows = []
        for person in self._people(0.01, 5, lambda age: 18 <= age <= 58, able=True):
            state, months = self._rng.choice(
                (("返乡", 2), ("失业", 1), ("返乡", 4), ("在岗", 11), ("灵活就业", 7))
            )
            rows.append([*self._who(person), state, self._day(), months])
        headings = ("姓名", "身份证号码", "状态", "状态日期", "近12个月务工月数")
        return self._sheet("农村劳动力务工情况监测表", headings, rows)

    def expenses(self) -> Sheet:
        rows = []
        for head in self._heads(0.004, 2):
            spent = self._rng.choice((1_500_000, 1_499_999, 3_200_000, 2_100_000))
            cause = self._rng.choice(("意外变故", "自然灾害", "意外变故", "其他"))
            rows.append([*self._who(head), cause, self._day(), self._yuan(spent), 0])
        headings = ("姓名", "身份证号码", "支出事由", "发生日期", "支出金额", "已获救助")
        return self._sheet("困难群众大额刚性支出登记表", headings, rows)

    def assistance(self) -> Sheet:
        rows = []
        for head in self._heads(0.02, 4):
            kind, amount = self._rng.choice((("低保", 280), ("低保", 350), ("特困", 560), ("临时救助", 2000)))
            rows.append([*self._who(head), kind, self._day(), amount])
        headings = ("姓名", "身份证号码", "待遇类型", "起始日期", "月标准或金额")
        return self._sheet("社会救助待遇发放名单", headings, rows)

    # --- what they share ----------------------------------------------------------------------------

    @property
    def _rng(self):
        return self.lists.rng

    @property
    def _county(self):
        return self.lists.county

    def _day(self) -> Any:
        return self.lists.dirt.day(self.lists.day())

    def _yuan(self, fen: int) -> Any:
        return self.lists.dirt.yuan(fen)

    def _who(self, person: Member) -> list[str]:
        return [person.name, self.lists.dirt.number(person.id_number)]

    def _families(self, share: float, least: int) -> list[list[Member]]:
        return list(members(self.lists.homes.take(self.lists.share(share, least), first=1)).values())

    def _heads(self, share: float, least: int) -> list[Member]:
        return [next(p for p in family if p.is_head) for family in self._families(share, least)]

    def _people(
        self, share: float, least: int, fits: Callable[[int], bool], *, able: bool = False
    ) -> list[Member]:
        """One of each household who is of that age, where it has one."""
        day: datetime.date = self.lists.round.last_day
        unable = (Labour.LOST, Labour.NONE) if able else ()
        groups = (
            [
                p
                for p in family
                if fits(age_on(p.birth_date, day)) and not (able and (p.student or p.labour in unable))
            ]
            for family in self._families(2 * share, 2 * least)
        )
        return [people[0] for people in groups if people]

    def _sheet(self, title: str, headings: tuple[str, ...], rows: list[list]) -> Sheet:
        return Sheet(
            title=f"{self._county.name}{title}",
            headings=[("", heading) for heading in headings],
            rows=rows,
            footer=[["填表人：", "", "审核人："]],
        )


def _place(hamlet: Hamlet) -> list[str]:
    return [hamlet.village.parent.name, hamlet.village.short_name, hamlet.name]


def _village(home: Household) -> list[str]:
    return [home.village.parent.name, home.village.short_name, ""]
