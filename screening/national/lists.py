"""The list of items for the national system: its rows, its figures, and the workbooks that go out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from fangpin.common import exports
from fangpin.common.actor import Actor
from households.models import Household
from screening.models import Candidate, ItemKind, ItemState, NationalItem, RoundState
from screening.national import items as national
from screening.national import missing, register
from screening.national.forms import NationalFilter

ANSWER_COLUMNS = ("国家系统户编号", "系统退回原因")
ITEM = "事项编号"


def filtered(user: Actor, params) -> QuerySet[NationalItem]:
    """The rows that the page shows under the same parameters."""
    return NationalFilter(params, user=user).narrow(NationalItem.objects.for_user(user))


def with_places(items: QuerySet[NationalItem]) -> QuerySet[NationalItem]:
    return items.select_related("case__household__village__parent", "case__household__hamlet").defer(
        "payload"
    )


@dataclass(frozen=True)
class ItemRow:
    """An item with what its household lacks; nothing where it is done."""

    item: NationalItem
    lacking: list[str]


def item_rows(items: Iterable[NationalItem]) -> list[ItemRow]:
    """Rows of items fetched `with_places`, in two statements more."""
    shown = list(items)
    lacking = missing.missing_of([item.case.household for item in shown])
    return [ItemRow(item, lacking.get(item.case.household_id, []) if item.is_open else []) for item in shown]


@dataclass(frozen=True)
class LackingRow:
    """A household with what the national system demands and the registry lacks."""

    household: Household
    lacking: list[str]


def lacking_rows(user: Actor) -> list[LackingRow]:
    """Households in scope that may come before the meeting, or wait to be entered, and lack something. Only
    those of a round that is not determined yet."""
    underway = Candidate.objects.for_user(user).eligible().exclude(round__state=RoundState.DETERMINED)
    waiting = NationalItem.objects.for_user(user).filter(state=ItemState.PENDING, kind__in=national.FIRST)
    chosen = Q(pk__in=underway.values("household")) | Q(pk__in=waiting.values("case__household"))
    households = list(
        Household.objects.for_user(user)
        .filter(chosen)
        .select_related("village__parent", "hamlet")
        .order_by("village_id", "id")
    )
    lacking = missing.missing_of(households)
    return [
        LackingRow(household, lacking[household.pk]) for household in households if household.pk in lacking
    ]


def figures(user: Actor) -> list[dict]:
    """What waits of each kind, and what came back; each opens its list."""
    waiting = Q(state__in=[ItemState.PENDING, ItemState.OFFERED])
    counts = {
        row["kind"]: row
        for row in NationalItem.objects.for_user(user)
        .order_by()
        .values("kind")
        .annotate(waiting=Count("pk", filter=waiting), refused=Count("pk", filter=Q(state=ItemState.REFUSED)))
    }
    lines = [
        {
            "number": counts.get(kind, {}).get("waiting", 0),
            "unit": "户",
            "label": f"待{kind.label}",
            "url": address(kind=kind),
        }
        for kind in ItemKind
    ]
    refused = {kind: row["refused"] for kind, row in counts.items() if row["refused"]}
    url = address(kind=next(iter(refused)), state=ItemState.REFUSED) if refused else ""
    return [*lines, {"number": sum(refused.values()), "unit": "户", "label": "系统退回", "url": url}]


def address(**query: str) -> str:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('screening:national-list')}?{words}"


# --- workbooks out --------------------------------------------------------------------------------------


def _given_out(user: Actor, params) -> QuerySet[NationalItem]:
    """What is exported is given out: from then on it has its content, as every other way of taking it."""
    keys = list(filtered(user, params).values_list("pk", flat=True))
    mine = NationalItem.objects.for_user(user).filter(pk__in=keys)
    national.offer_all(mine, by=user)
    return mine.exclude(payload=None).order_by("case__household__village_id", "pk")


def _mark(item: NationalItem) -> tuple:
    row = register.person_rows(item.payload)[0]
    return (str(item.uuid), *(row[name] for name in register.MARK_COLUMNS), *_answer(item))


def _entry(item: NationalItem) -> list[tuple]:
    """A row a person, in the order of the register's sheet; the answer is asked beside the head."""
    rows = register.person_rows(item.payload)
    offered = timezone.localdate(item.offered_at).isoformat()
    return [
        (
            str(item.uuid),
            *({"序号": str(place), "数据日期": offered, **row}.get(name, "") for name in register.COLUMNS),
            *(_answer(item) if place == 1 else ("", "")),
        )
        for place, row in enumerate(rows, start=1)
    ]


OTHER_HEADINGS = (
    "内容",
    *register.KEY_COLUMNS,
    "成员",
    "成员证件号码",
    "项目",
    "原来",
    "改为",
    "撤回或取消原因",
)


def _other(item: NationalItem) -> list[tuple]:
    """A row a field that is to be corrected, or the one row of a withdrawal."""
    row = register.person_rows(item.payload)[0]
    head = (str(item.uuid), item.get_kind_display(), *(row[name] for name in register.KEY_COLUMNS))
    changes = item.payload.get("changes", []) if item.kind == ItemKind.CORRECTION else []
    if not changes:
        return [(*head, "", "", "", "", "", item.reason, *_answer(item))]
    return [
        (
            *head,
            c["person"],
            c["id_number"],
            c["field"],
            c["old"],
            c["new"],
            "",
            *(_answer(item) if place == 0 else ("", "")),
        )
        for place, c in enumerate(changes)
    ]


def _answer(item: NationalItem) -> tuple[str, str]:
    return item.national_number, item.refused_reason if item.state == ItemState.REFUSED else ""


def _register(kind: str, title: str, headings: tuple, **lines) -> None:
    exports.register(
        exports.Export(
            name=f"national-{kind}",
            title=title,
            permission="national.pull",
            headings=(ITEM, *headings, *ANSWER_COLUMNS),
            queryset=_given_out,
            text_columns=(ITEM, *headings, *ANSWER_COLUMNS),
            full_numbers=True,
            **lines,
        )
    )


_register("mark", "标注清单", register.MARK_COLUMNS, row=_mark)
_register("entry", "录入清单", register.COLUMNS, rows=_entry)
_register("correction", "更正清单", OTHER_HEADINGS, rows=_other)
_register("withdrawal", "撤回清单", OTHER_HEADINGS, rows=_other)
_register("release", "取消关注清单", OTHER_HEADINGS, rows=_other)
