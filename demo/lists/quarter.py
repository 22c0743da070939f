"""The departments' lists of the quarter: rows with a story, rows without one, and the dirt of real files."""

import datetime
import random
from dataclasses import dataclass
from typing import Any

from demo.lists.dirt import Dirt
from demo.lists.picking import Homes, members
from demo.lists.sheets import Sheet
from fangpin.accounts.models import Division
from households.models import Household, Member
from households.rules import years_before
from screening.models import Round
from screening.quarters import window

_MEDICAL = [
    ("", "患者姓名"),
    ("", "证件号码"),
    ("", "费用结算日期"),
    ("", "医疗类别"),
    ("费用（元）", "总费用"),
    ("费用（元）", "合规医疗费用"),
    ("报销情况（元）", "基本医保支付"),
    ("报销情况（元）", "大病保险支付"),
    ("报销情况（元）", "医疗救助支付"),
    ("报销情况（元）", "财政兜底"),
    ("", "险种类型"),
]
_HOUSING = [
    ("", words)
    for words in (
        "乡镇",
        "村",
        "屯",
        "户主名称",
        "户主身份证",
        "危房鉴定级别",
        "鉴定时间",
        "危房成因",
        "改造进展",
        "是否唯一住房",
    )
]
_SCHOOL = [
    ("", "序号"),
    ("家庭情况", "乡镇"),
    ("家庭情况", "村"),
    ("家庭情况", "自然村（屯）"),
    ("家庭情况", "户主姓名"),
    ("", "应接受义务教育未接受适龄儿童少年姓名"),
    ("", "身份证号"),
    ("", "出生年月"),
    ("失学辍学情况", "就读学校"),
    ("失学辍学情况", "就读年级"),
    ("失学辍学情况", "辍学时间"),
    ("失学辍学情况", "失学或辍学原因"),
    ("失学辍学情况", "劝返结果"),
]


@dataclass(frozen=True)
class Lists:
    """Makes the lists of one round. Dates lie between the window's first day and the quarter's."""

    round: Round
    county: Division
    homes: Homes
    rng: random.Random
    dirt: Dirt

    @property
    def first_day(self) -> datetime.date:
        return window(self.round.last_day, self.round.parameters["screening.window_months"])[0]

    def share(self, of_all: float, least: int) -> int:
        return max(least, round(of_all * self.homes.count))

    def day(self) -> datetime.date:
        return self.first_day + datetime.timedelta(days=self.rng.randrange(270))

    # --- medical ------------------------------------------------------------------------------------

    def medical(self) -> Sheet:
        """Out-of-pocket cost around the county's threshold, and the many small settlements of everybody."""
        threshold = self.round.parameters["medical.threshold"]
        rows: list[list] = []
        for position, family in enumerate(members(self.homes.take(self.share(0.022, 4), first=3)).values()):
            own = {0: threshold, 1: threshold - 1}.get(position, int(threshold * self.rng.uniform(1.02, 2.4)))
            rows += self._treatment(family, own)
        for family in members(self.homes.take(self.share(0.05, 8), first=3)).values():
            rows.append(self._settlement(self.rng.choice(family), self.rng.randint(3_000, 300_000)))
        for family in members(self.homes.take(self.share(0.004, 3))).values():
            rows += self._without_effect(family[0])
        spoiled = self.dirt.spoiled(rows, name_at=0, id_at=1)
        for row in spoiled[5::6]:
            row[4] = "见附件"  # an amount that is none
        rows = self.dirt.mixed(rows, spoiled)
        rows.append(list(rows[len(rows) // 2]))  # the same settlement twice
        return self._medical_sheet(rows)

    def medical_again(self, first: Sheet) -> Sheet:
        """The second version a week later: a few settlements more."""
        rows = [list(row) for row in first.rows]
        for family in members(self.homes.take(self.share(0.004, 3), first=1)).values():
            rows += self._treatment(family, int(self.rng.uniform(2_100_000, 4_000_000)))
        return self._medical_sheet(rows)

    def _medical_sheet(self, rows: list[list]) -> Sheet:
        return Sheet(
            title=f"{self.county.name}{self.round.year}年城乡居民医疗费用结算明细表",
            below_title=f"填报单位：{self.county.short_name}医疗保障局　　　　单位：元",
            headings=_MEDICAL,
            rows=rows,
            footer=[[], ["填报人：韦丽娟", "", "", "", "审核人：", "", "", "联系电话："]],
        )

    def _treatment(self, family: list[Member], own: int) -> list[list]:
        """One to three settlements of one person, whose own shares sum up to `own` fen."""
        patient, parts = self.rng.choice(family), self.rng.randint(1, 3)
        shares = [own // parts] * (parts - 1)
        return [self._settlement(patient, share) for share in [*shares, own - sum(shares)]]

    def _settlement(self, patient: Member, own: int, scheme: str = "城乡居民") -> list[Any]:
        """A settlement with an own share of exactly `own` fen; what was paid varies."""
        basic, major, aid = (int(own * self.rng.uniform(*r)) for r in ((0.9, 2.2), (0.1, 0.5), (0, 0.4)))
        compliant = own + basic + major + aid
        total = int(compliant * self.rng.uniform(1.03, 1.3))
        visit = "住院" if own > 100_000 else "门诊慢特病"
        amounts = [self.dirt.yuan(fen) for fen in (total, compliant, basic, major, aid, 0)]
        return [
            patient.name,
            self.dirt.number(patient.id_number),
            self.dirt.day(self.day()),
            visit,
            *amounts,
            scheme,
        ]

    def _without_effect(self, patient: Member) -> list[list]:
        """A bill with its reversal, one from before the window, one of the employees' scheme."""
        bill = self._settlement(patient, 2_600_000)
        numbers = [260_000.0, 220_000.0, 150_000.0, 30_000.0, 10_000.0, 0.0]
        bill[4:10] = numbers
        reversal = bill[:4] + [-number for number in numbers] + bill[10:]
        early = self._settlement(patient, 3_000_000)
        early[2] = self.first_day - datetime.timedelta(days=1)
        return [bill, reversal, early, self._settlement(patient, 2_800_000, scheme="城镇职工")]

    # --- housing ------------------------------------------------------------------------------------

    def housing(self) -> Sheet:
        """Homes in danger by disaster, site or force majeure, and those whose danger has another cause."""
        rows = []
        for family in members(self.homes.take(self.share(0.013, 3), first=3)).values():
            cause = self.rng.choice(("自然灾害", "自然灾害", "危险场地", "不可抗力"))
            rows.append(self._home(family, self.rng.choice("CD"), cause, "未改造", "是"))
        for family in members(self.homes.take(self.share(0.012, 4), first=1)).values():
            other = self.rng.choice(
                (
                    ("D", "年久失修", "未改造", "是"),
                    ("B", "自然灾害", "未改造", "是"),
                    ("C", "自然灾害", "已改造", "是"),
                    ("D", "危险场地", "未改造", "否"),
                )
            )
            rows.append(self._home(family, *other))
        spoiled = self.dirt.spoiled(rows, name_at=3, id_at=4)
        for row in spoiled[5::6]:
            row[5] = "E级"
        rows = self.dirt.mixed(rows, spoiled)
        rows.append(list(rows[0]))
        return Sheet(
            title=f"{self.county.name}农村危房鉴定情况统计表",
            headings=_HOUSING,
            rows=rows,
            footer=[["填表人：黄永强", "", "", "负责人：", "", "", f"填表日期：{self.round.year}年"]],
        )

    def _home(self, family: list[Member], grade: str, cause: str, renovation: str, only: str) -> list[Any]:
        head = next(member for member in family if member.is_head)
        tail = self.rng.choice(("级", "", "级危房"))
        number = self.dirt.number(head.id_number)
        day = self.dirt.day(self.day())
        return [*_place(head.household), head.name, number, grade + tail, day, cause, renovation, only]

    # --- school -------------------------------------------------------------------------------------

    def school(self) -> Sheet:
        """Children out of school, most of them without an ID, as a real list of this kind comes."""
        rows = []
        for position, child in enumerate(self._children()):
            poor = position % 4 != 3
            reason = self.rng.choice(("因贫", "家庭困难", "缺劳动力")) if poor else "厌学"
            outcome = "已返校" if position % 7 == 6 else self.rng.choice(("", "未返校", "劝返中"))
            rows.append(self._pupil(child, reason, outcome))
        rows += self._unmatched(rows)
        self.rng.shuffle(rows)
        for number, row in enumerate(rows, start=1):
            row[0] = number
        return Sheet(
            title="应接受义务教育未接受适龄儿童少年名单",
            below_title=f"填报单位：{self.county.short_name}教育局（盖章）",
            headings=_SCHOOL,
            rows=rows,
            footer=[["合计", *[""] * 4, f"{len(rows)}人"], ["填表人：李春燕", "", "", "", "", "联系电话："]],
        )

    def _children(self) -> list[Member]:
        """Of school age on the round's last day, from as many households; one of the first village first."""
        day = self.round.last_day
        ages = (years_before(day, 15), years_before(day, 7))
        children = Member.objects.current().filter(household__county=self.county, birth_date__range=ages)
        by_home = dict(children.order_by("-pk").values_list("household_id", "pk"))
        keys = sorted(by_home)
        wanted = min(self.share(0.014, 5), len(keys))
        picked = [*keys[:2], *self.rng.sample(keys[2:], max(0, wanted - 2))]
        chosen = {child.pk: child for family in members(picked).values() for child in family}
        return [chosen[by_home[home]] for home in picked]

    def _pupil(self, child: Member, reason: str, outcome: str) -> list[Any]:
        number = child.id_number if self.rng.random() < 0.3 else ""
        birth_month = self.dirt.month(child.birth_date)
        left = self.dirt.month(self.day())
        grade = "一二三四五六七八九"[min(8, max(0, child.age - 6))] + "年级"
        home = child.household
        return [
            0,
            *_place(home),
            home.head_name,
            child.name,
            number,
            birth_month,
            f"{home.village.short_name}小学",
            grade,
            left,
            reason,
            outcome,
        ]

    def _unmatched(self, rows: list[list]) -> list[list]:
        """Neither village nor head, somebody unknown, no birth month, no reason."""
        near, unknown, bare, blank = (list(row) for row in self.rng.choices(rows, k=4))
        near[2], near[4], near[6] = "", "", ""
        unknown[5], unknown[6] = self.dirt.stranger()[0], ""
        bare[6], bare[7] = "", "不详"
        blank[11] = ""
        return [near, unknown, bare, blank]


def _place(home: Household) -> list[str]:
    hamlet = home.hamlet.name if home.hamlet else ""
    return [home.village.parent.name, home.village.short_name, hamlet]
