"""One answer for the households of a hamlet that share one situation, as where a whole hamlet has no water:
the village verifies an area hamlet by hamlet, not door by door (Art. 7(2)2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from screening import criteria
from screening.comparison import answering, board
from screening.criteria.base import Subcriterion
from screening.leads.explanations import LeadRow
from screening.models import Answer, FieldEntry, Verification, VerificationAnswer, VerificationState

NAMED = 5


@dataclass
class Group:
    """Tasks of one hamlet (or of a village's households without one) that ask the same."""

    place: str
    subject: Subcriterion
    tasks: list[Verification]
    ask_words: str = ""  # what the township wants to know more
    why: list[str] | None = None  # the sentences of the first household


def groups(tasks: QuerySet[Verification]) -> list[Group]:
    """Where one answer can do for several of `tasks`; a constant number of statements."""
    asked = tasks.filter(state=VerificationState.ASKED).exclude(kind=Verification.Kind.SUPPLEMENT)
    waiting = list(
        asked.select_related(
            "household__village", "household__hamlet", "candidate__previous", "round"
        ).order_by("household__village_id", "household__hamlet__name", "household__head_name", "pk")
    )
    codes = answering.situations_of(waiting)
    alike: dict[tuple[Any, ...], list[Verification]] = {}
    for task in waiting:
        if len(codes[task.pk]) == 1:
            key = (*_place(task), task.round_id, codes[task.pk][0], task.ask_words)
            alike.setdefault(key, []).append(task)
    several = {key: members for key, members in alike.items() if len(members) > 1}
    first = board.leads_by_household(members[0] for members in several.values())
    return [
        Group(
            _place_words(members[0]),
            criteria.subcriteria()[key[-2]],
            members,
            ask_words=key[-1],
            why=_sentences(first, members[0]),
        )
        for key, members in several.items()
    ]


def _sentences(leads: dict[tuple[int, int], list[LeadRow]], task: Verification) -> list[str]:
    own = leads.get((task.round_id, task.household_id), [])
    return [words for row in own for words in row.sentences]


def _place(task: Verification) -> tuple[str, int | None]:
    return task.household.village_id, task.household.hamlet_id


def _place_words(task: Verification) -> str:
    home = task.household
    return home.hamlet.name if home.hamlet else f"{home.village.short_name}没有登记屯的户"


def answer_together(tasks: QuerySet[Verification], given: str, *, by: Actor, words: str) -> int:
    """The village's one answer to all of `tasks`; all of them or none. Returns how many.

    Raises Refused where they are not of one hamlet and one situation, where words are missing or a household
    is kin; or what the door raises. Constant in the number of statements.
    """
    words = words.strip()
    with transaction.atomic():
        chosen = list(
            tasks.select_for_update(of=("self",))
            .select_related("household", "candidate__previous")
            .order_by("pk")
        )
        code = _shared_situation(chosen)
        if not words:
            raise Refused("请写一句看到的情况，例如哪个水池、从什么时候起。")
        if given not in Answer.values:
            raise Refused("请在四个答案中选一个：扛不住、自己能解决、不属实、一时查不清。")
        _refuse_kin(chosen, by)
        these = Verification.objects.filter(pk__in=[task.pk for task in chosen])
        stamps = {"words": words, "visited_on": timezone.localdate(), "corrected_by": None}
        move(these, "answer", by=by, opinion=words, stamps=stamps)
        VerificationAnswer.objects.filter(verification__in=these).exclude(subcriterion=code).delete()
        VerificationAnswer.objects.bulk_create(
            [
                VerificationAnswer(verification=task, subcriterion=code, answer=given, words=words[:300])
                for task in chosen
            ],
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["verification", "subcriterion"],
            update_fields=["answer", "words"],
        )
        answering.mark_acted(these)
        answering.settle_what_needs_no_township(these)
    return len(chosen)


def _shared_situation(chosen: list[Verification]) -> str:
    if not chosen:
        raise Refused("没有选中要回复的户。请先勾选。")
    codes = {tuple(each) for each in answering.situations_of(chosen).values()}
    if len({_place(task) for task in chosen}) != 1 or len(codes) != 1 or len(next(iter(codes))) != 1:
        raise Refused("只有同一个屯、同一种情形的户才能一起回复。")
    return next(iter(codes))[0]


def _refuse_kin(chosen: Iterable[Verification], by: Actor) -> None:
    homes = {(task.round_id, task.household_id): task.household.head_name for task in chosen}
    entries = FieldEntry.objects.filter(
        round__in={round for round, _ in homes},
        household__in=[household for _, household in homes],
        is_kin=True,
        by=by.pk,
    )
    kin = sorted({homes[pair] for pair in entries.values_list("round", "household") if pair in homes})
    if kin:
        more = "等户" if len(kin) > NAMED else ""
        raise Refused(
            f"您填过与{'、'.join(kin[:NAMED])}{more}有亲属关系，请去掉这几户的勾选，由村里其他人核实。"
        )
