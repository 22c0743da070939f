"""Plays the present quarter: the round opened, lists delivered, compared; files left for trying it by
hand."""

import datetime
import random
from collections.abc import Mapping
from pathlib import Path

from demo import trials
from demo.county.families import Maker
from demo.lists.dirt import Dirt
from demo.lists.others import MoreLists
from demo.lists.picking import Homes
from demo.lists.quarter import Lists
from demo.lists.sheets import write_csv, write_xlsx
from demo.story import funds, help_now, help_past, past, present
from fangpin.accounts.models import Division, User
from screening import criteria
from screening.feeds import receiving
from screening.models import Round
from screening.quarters import Quarter
from screening.rounds import opening as rounds
from screening.sweep import jobs

MEDICAL = "1 医保局 医疗费用结算清单.xlsx"
HOUSING = "2 住建局 危房鉴定名单.csv"
SCHOOL = "3 教育局 失学辍学名单.xlsx"
MEDICAL_AGAIN = "4 医保局 医疗费用结算清单（第二版）.xlsx"
REGISTRY = "12 户册（试导入）.xlsx"
INCOME = "13 收入（试导入）.xlsx"

_README = f"""这里的文件供试用上传，人名、证件号码、电话都是编造的。文件里有意留了真实表格常见的毛病。

{MEDICAL}：医保局（dept-insurance）已报送
{HOUSING}：住建局（dept-housing）已报送，GB18030 编码
{SCHOOL}：由县办公室（office）代教育局报送，多数没有身份证号码
{MEDICAL_AGAIN}：医保局已上传并检查，还没有确认报送；确认后替换第一版
5 至 11：各部门已报送；残联、交警、农业农村部门还没有报送，等县办公室催报
{REGISTRY}：县办公室（office）或乡镇（township）在“户册导入”中试用
{INCOME}：同上
"""


def play(
    county: Division, users: Mapping[str, User], maker: Maker, folder: Path, *, on: datetime.date
) -> tuple[Round, dict]:
    """Returns the round and what its sweep found. The quarter before it comes first, played to its end."""
    rng = random.Random(maker.rng.random())
    help_past.play(users, on=on)
    past.play(county, users, random.Random(rng.random()), Quarter.of(on).previous)
    help_now.play(county, users, on=on)
    funds.play(county, users, on=on)
    dirt = Dirt(rng, maker.registrar)
    quarter = Quarter.of(on)
    round = rounds.open_round(county, quarter, by=users["office"], on=on)
    lists = Lists(round, county, Homes(county, rng, year=quarter.year - 1), rng, dirt)
    _deliver(round, lists, users, folder)
    village = users["village"].acting.division
    write_xlsx(folder / REGISTRY, trials.registry(county, village, maker, dirt))
    write_xlsx(folder / INCOME, trials.income(county, rng, dirt, year=quarter.year - 1))
    (folder / "说明.txt").write_text(_README, encoding="utf-8")
    result = jobs.sweep_now(round, by=users["office"])
    present.go_on(round, users, random.Random(rng.random()), on=on)
    return round, result


def _deliver(round: Round, lists: Lists, users: Mapping[str, User], folder: Path) -> None:
    """By their departments, one by the office for its department, one left to be confirmed, some not
    delivered."""
    medical = lists.medical()
    contents = {
        MEDICAL: write_xlsx(folder / MEDICAL, medical),
        HOUSING: write_csv(folder / HOUSING, lists.housing()),
        SCHOOL: write_xlsx(folder / SCHOOL, lists.school()),
        MEDICAL_AGAIN: write_xlsx(folder / MEDICAL_AGAIN, lists.medical_again(medical)),
    }
    kinds = criteria.feed_kinds()
    for name, kind, user in (
        (MEDICAL, "medical_settlement", "dept-insurance"),
        (HOUSING, "unsafe_housing", "dept-housing"),
        (SCHOOL, "school_dropout", "office"),
    ):
        receiving.deliver_feed(round, kinds[kind], file_name=name, content=contents[name], by=users[user])
    for listed in MoreLists(lists).all():
        content = write_xlsx(folder / listed.file, listed.sheet)
        receiving.deliver_feed(
            round, kinds[listed.kind], file_name=listed.file, content=content, by=users[listed.user]
        )
    officer = users["dept-insurance"]
    waiting = receiving.receive_feed(
        round,
        kinds["medical_settlement"],
        file_name=MEDICAL_AGAIN,
        content=contents[MEDICAL_AGAIN],
        by=officer,
    )
    receiving.check_feed(waiting, by=officer)
