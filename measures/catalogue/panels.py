"""举措目录 in the shell."""

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.models import Level
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from measures.catalogue import exports, types  # noqa: F401  (the latter registers its export)
from measures.models import MeasureType

shell.navigation(
    shell.NavigationItem("帮扶", 70, "举措目录", "measures:catalogue-list", "journal-text", "catalogue.view")
)


@shell.todo
def drafts_to_release(user: Actor) -> list[TodoLine]:
    """Standards that wait for another person's release."""
    if not user.may("catalogue.release"):
        return []
    waiting = MeasureType.objects.for_user(user).filter(released_at=None, division=user.acting.division_id)
    return [
        TodoLine(
            "发布举措标准",
            f"{each.name}，{each.holds_from} 起",
            reverse("measures:catalogue-detail", args=[each.code]),
            "发布",
            each.document,
            timezone.localdate(),
        )
        for each in waiting.exclude(drafted_by=user.pk)[:5]
    ]


@shell.todo
def missing_standards(user: Actor) -> list[TodoLine]:
    """The county's office: special relief has no ceiling where no standard of a lifted household is
    released."""
    if not user.may("catalogue.draft") or user.acting.division.level != Level.COUNTY:
        return []
    lacking = types.areas_without_standard(user.acting.division_id)
    if not lacking:
        return []
    about = f"{'、'.join(lacking)}方面还没有公布脱贫户标准，特殊救助不能登记"
    return [TodoLine("公布标准", about, reverse("measures:catalogue-list"), "去公布", "第八条（二）1")]
