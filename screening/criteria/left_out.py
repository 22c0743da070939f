"""Words for why a rule leaves a household out: which rows there are, and what each of them lacks."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fangpin.common.values.money import yuan
from fangpin.policy.services import PolicySet
from screening.criteria.base import FeedKind, Rule
from screening.models import FeedRow, Round
from screening.quarters import window

ROWS_SHOWN = 3


def no_row(kind: FeedKind) -> str:
    return f"{kind.short}里没有这户的记录"


def row_by_row(kind: FeedKind, rows: Sequence[FeedRow], lacks: Callable[[FeedRow], str]) -> str:
    """住建名单有 2 行，都不符合：第 5 行鉴定为 B 级；第 9 行已改造. "" where some row lacks nothing."""
    if not rows:
        return no_row(kind)
    faults = [(row.row_no, lacks(row)) for row in sorted(rows, key=lambda row: (row.feed_id, row.row_no))]
    if not all(words for _, words in faults):
        return ""
    if len(faults) == 1:
        return f"{kind.short}第 {faults[0][0]} 行：{faults[0][1]}"
    more = f"；其余 {len(faults) - ROWS_SHOWN} 行也不符合" if len(faults) > ROWS_SHOWN else ""
    shown = "；".join(f"第 {number} 行{words}" for number, words in faults[:ROWS_SHOWN])
    return f"{kind.short}有 {len(faults)} 行，都不符合：{shown}{more}"


def sum_below(
    rule: Rule, rows: Sequence[FeedRow], policy: PolicySet, lacks: Callable[[FeedRow], str], *, what: str
) -> str:
    """医保清单有 3 行：合规自付合计 8,200.00 元，未达到本县标准 20,000.00 元（2020-01-19 起）；另有 1
    行…，未计入.

    `lacks` says why a row is not counted, "" where it is. "" where the sum of those that are reaches the
    threshold.
    """
    if not rows:
        return no_row(rule.kind)
    left_out: dict[str, int] = {}
    counted = []
    for row in rows:
        if words := lacks(row):
            left_out[words] = left_out.get(words, 0) + 1
        else:
            counted.append(row)
    total, threshold = sum(row.amount or 0 for row in counted), policy[rule.threshold]
    if counted and total >= threshold:
        return ""
    uncounted = "、".join(f"{count} 行{words}" for words, count in _ordered(left_out))
    if not counted:
        return f"{rule.kind.short}有 {len(rows)} 行，都不计入：{uncounted}"
    standard = f"本县标准 {yuan(threshold)} 元（{policy.since(rule.threshold)} 起）"
    more = f"；另有 {uncounted}，未计入" if uncounted else ""
    return f"{rule.kind.short}有 {len(counted)} 行：{what} {yuan(total)} 元，未达到{standard}{more}"


def with_faults(subject: str, faults: Iterable[str]) -> str:
    """韦某返乡，在校（高中）: `subject` and what it lacks; "" where it lacks nothing. Empty `faults` don't
    count."""
    words = [fault for fault in faults if fault]
    return "，".join([subject, *words]) if words else ""


def outside_window(row: FeedRow, round: Round, policy: PolicySet) -> str:
    """Why the day of a row is not counted; "" where it is."""
    first, last = window(round.last_day, policy["screening.window_months"])
    return "" if row.on_date and first <= row.on_date <= last else f"不在 {first} 至 {last} 之内"


def _ordered(left_out: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(left_out.items(), key=lambda pair: -pair[1])
