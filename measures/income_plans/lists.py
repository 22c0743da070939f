"""What lists and papers of income plans show, and their exports."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from fangpin.accounts.models import User
from fangpin.common import exports
from fangpin.common.actor import Actor
from households.models import HelperAssignment, Household
from measures.income_plans import missing
from measures.income_plans.forms import MissingFilter, PlanFilter
from measures.models import IncomePlan, ItemKind, Need, PlanItem, PlanNote, PlanState


def figures(user: Actor, year: int) -> list[dict]:
    """How far the plans of a year are."""
    address = reverse("measures:plan-list")
    counts = (
        IncomePlan.objects.for_user(user)
        .filter(year=year)
        .aggregate(
            all=Count("pk"),
            agreed=Count("pk", filter=~Q(state=PlanState.DRAFT)),
            closed=Count("pk", filter=Q(state=PlanState.CLOSED)),
        )
    )
    lacking = missing.without_plan(user, year).count()
    return [
        {
            "number": lacking,
            "label": "还没有计划",
            "unit": "户",
            "url": reverse("measures:plan-missing"),
            "tone": "late" if lacking else "",
        },
        {"number": counts["all"], "label": "有计划", "unit": "户", "url": address},
        {"number": counts["agreed"], "label": "已签字", "unit": "户", "url": f"{address}?state=agreed"},
        {"number": counts["closed"], "label": "已填实际收入", "unit": "户", "url": f"{address}?state=closed"},
    ]


def with_all(plans: QuerySet[IncomePlan]) -> QuerySet[IncomePlan]:
    """Sums of targets and actuals, number of undertakings, the last note."""
    notes = PlanNote.objects.filter(plan=OuterRef("pk")).order_by("-on").values("on")[:1]
    return plans.select_related("household__village__parent", "household__hamlet").annotate(
        items_number=Count("items", distinct=True),
        target_sum=Sum("items__target"),
        actual_sum=Sum("items__actual"),
        last_note=Subquery(notes),
    )


@dataclass(frozen=True)
class ItemRow:
    """An undertaking with its needs in words and how much of its target came in, percent."""

    item: PlanItem
    needs: str
    rate: int | None


@dataclass(frozen=True)
class PaperRow:
    """A plan on paper: its undertakings by kind, its first four notes and its helper."""

    plan: IncomePlan
    industry: Sequence[ItemRow]
    employment: Sequence[ItemRow]
    notes: Sequence[PlanNote]
    helper: User | None


def item_row(item: PlanItem) -> ItemRow:
    rate = None if item.actual is None or not item.target else 100 * item.actual // item.target
    return ItemRow(item, "、".join(Need(need).label for need in item.needs), rate)


def paper_rows(shown: Sequence[IncomePlan]) -> list[PaperRow]:
    """Three statements for any number of plans."""
    items: dict[int, list[ItemRow]] = {plan.pk: [] for plan in shown}
    for item in PlanItem.objects.filter(plan__in=shown).select_related("member"):
        items[item.plan_id].append(item_row(item))
    notes: dict[int, list[PlanNote]] = {plan.pk: [] for plan in shown}
    for note in PlanNote.objects.filter(plan__in=shown).select_related("by").order_by("on", "pk"):
        notes[note.plan_id].append(note)
    helpers = {
        each.household_id: each.user
        for each in HelperAssignment.objects.filter(
            household__in=[plan.household_id for plan in shown], ends_on=None
        ).select_related("user")
    }
    return [
        PaperRow(
            plan,
            [row for row in items[plan.pk] if row.item.kind == ItemKind.INDUSTRY],
            [row for row in items[plan.pk] if row.item.kind == ItemKind.EMPLOYMENT],
            notes[plan.pk][:4],
            helpers.get(plan.household_id),
        )
        for plan in shown
    ]


HEADINGS = (
    "年度",
    "户主",
    "乡（镇）",
    "行政村",
    "脱贫年度",
    "状态",
    "项目数",
    "预计增收（元）",
    "实际收入（元）",
    "协商日期",
    "签字人",
    "最近跟踪",
    "培训需求",
    "需要",
)
MISSING_HEADINGS = ("户主", "人口", "乡（镇）", "行政村", "户编号", "脱贫年度")


def _queryset(user: Actor, params):
    income_plans = PlanFilter(params, user=user).narrow(IncomePlan.objects.for_user(user))
    return (
        with_all(income_plans)
        .prefetch_related("items")
        .order_by("household__village_id", "household_id", "id")
    )


def _row(plan: IncomePlan) -> tuple:
    home = plan.household
    needs = dict.fromkeys(need for item in plan.items.all() for need in item.needs)
    return (
        plan.year,
        home.head_name,
        home.village.parent.short_name,
        home.village.short_name,
        home.lifted_year,
        plan.get_state_display(),
        plan.items_number,
        exports.yuan_cell(plan.target_sum),
        exports.yuan_cell(plan.actual_sum),
        plan.agreed_on,
        plan.signers,
        plan.last_note,
        plan.training,
        "、".join(Need(need).label for need in needs),
    )


def _missing(user: Actor, params):
    households = MissingFilter(params, user=user).find(user)
    return households.select_related("village__parent").order_by("village_id", "id")


def _missing_row(home: Household) -> tuple:
    return (
        home.head_name,
        home.size,
        home.village.parent.short_name,
        home.village.short_name,
        home.number,
        home.lifted_year,
    )


exports.register(
    exports.Export(
        name="plans",
        title="增收计划",
        permission="plan.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        words=lambda user, params: exports.words_of(PlanFilter(params, user=user)),
    )
)
exports.register(
    exports.Export(
        name="plans-missing",
        title="没有增收计划或联系人的脱贫户",
        permission="plan.export",
        headings=MISSING_HEADINGS,
        queryset=_missing,
        row=_missing_row,
        text_columns=("户编号",),
        words=lambda user, params: exports.words_of(MissingFilter(params, user=user)),
    )
)
