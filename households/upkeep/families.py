"""A new head, a household that splits, two that become one."""

import datetime
from collections.abc import Iterable, Mapping

from fangpin.accounts.models import Division
from fangpin.common.actor import Actor
from households.codelists import Relation
from households.models import Case, ChangeKind, Hamlet, Household, Lamp, Member, RegistryChange
from households.registry.numbers import last_own_number
from households.upkeep import NotChanged, households_merged
from households.upkeep.recording import Change, among, change, locked, people_of


def new_head(people: list[Member], head: int | None, relations: Mapping[int, str], act: Change) -> None:
    """One of `people` becomes their head; every other one is told what he is to the new one: relations are
    relations to the head, so none of the old ones holds any more."""
    if head not in {member.pk for member in people}:
        raise NotChanged(
            "户主离开了，请选定新户主。" if act.kind != ChangeKind.HEAD else "请选定新户主。", "head"
        )
    others = [member for member in people if member.pk != head]
    unsaid = [member for member in others if relations.get(member.pk) not in _OTHER_RELATIONS]
    if unsaid:
        names = "、".join(member.name for member in unsaid)
        raise NotChanged(
            f"请写明与新户主的关系：{names}。换了户主，原来的关系都要重新填。", f"relation_{unsaid[0].pk}"
        )
    # The old head steps back before the new one steps up: one head at every moment.
    for member in others:
        act.set(member, relation=relations[member.pk])
    act.set(next(member for member in people if member.pk == head), relation=Relation.HEAD)


_OTHER_RELATIONS = frozenset(value for value in Relation.values if value != Relation.HEAD)


def change_head(
    home: Household,
    *,
    head: int | None,
    relations: Mapping[int, str],
    on: datetime.date,
    reason: str,
    by: Actor,
) -> RegistryChange:
    """户主变更. `head`: a member's key; `relations`: member → relation to him, for all the others."""
    with change(ChangeKind.HEAD, on=on, reason=reason, by=by) as act:
        (home,) = locked(by, home)
        people = people_of(home)
        if any(member.is_head and member.pk == head for member in people):
            raise NotChanged("选的就是现在的户主，没有变更。", "head")
        new_head(people, head, relations, act)
        return act.save(home)


def split(
    home: Household,
    *,
    leaving: Iterable[int],
    head: int | None,
    relations: Mapping[int, str],
    on: datetime.date,
    reason: str,
    by: Actor,
    number: str = "",
    hamlet: str = "",
) -> RegistryChange:
    """分户: `leaving` make a household of their own under `number` or a number of ours. The case, leads and
    income stay with the household that keeps its number. Returns the record of the new household."""
    with change(ChangeKind.SPLIT, on=on, reason=reason, by=by) as act:
        (home,) = locked(by, home)
        people = people_of(home)
        going = among(people, dict.fromkeys(leaving))
        if not going:
            raise NotChanged("请勾选分出去的人。", "leaving")
        if len(going) == len(people):
            raise NotChanged("不能所有人都分出去，原户至少留一个人。", "leaving")
        if any(member.is_head for member in going):
            raise NotChanged("户主留在原户。户主要分出去的，请先办理户主变更。", "leaving")
        made = _new_household(home, number=number, hamlet=hamlet)
        act.others = {home.pk: made.pk, made.pk: home.pk}
        _move(going, made, _with_head(going, head, relations), act)
        act.save(home, made)
        made.refresh_from_db()
        return made.changes.get()


def _with_head(people: list[Member], head: int | None, relations: Mapping[int, str]) -> dict[int, str]:
    if head not in {member.pk for member in people}:
        raise NotChanged("请从分出去的人里选定新户的户主。", "head")
    of_member = {member.pk: relations.get(member.pk, "") for member in people} | {head: Relation.HEAD.value}
    _all_said(people, of_member, head)
    return of_member


def _all_said(people: list[Member], relations: Mapping[int, str], head: int | None) -> None:
    for member in people:
        if member.pk != head and relations.get(member.pk) not in _OTHER_RELATIONS:
            raise NotChanged(f"请写明{member.name}与户主的关系。", f"relation_{member.pk}")


def _move(people: list[Member], to: Household, relations: Mapping[int, str], act: Change) -> dict[int, int]:
    """The persons leave where they are, with their dates, and stand in `to`. Gives old row → new row."""
    moved = {}
    for member in people:
        act.let_go(member, act.kind.label)
        old = member.pk
        fresh = Member.objects.get(pk=old)
        fresh.pk, fresh.household, fresh.relation = None, to, relations[old]
        fresh.added_on, fresh.removed_on, fresh.removed_reason = act.on, None, ""
        fresh.save(force_insert=True)
        act.joined(fresh, act.kind.label)
        moved[old] = fresh.pk
    return moved


def _new_household(home: Household, *, number: str, hamlet: str) -> Household:
    county = Division.objects.get(pk=home.county_id)
    if number and Household.objects.filter(county=county, number=number).exists():
        raise NotChanged("本县已有这个户编号，请核对；没有新编号的请留空。", "number")
    place = home.hamlet
    if hamlet:
        place, _ = Hamlet.objects.get_or_create(village_id=home.village_id, name=hamlet)
    prefix = f"Z{county.pk[:6]}"
    return Household.objects.create(
        county=county,
        village_id=home.village_id,
        hamlet=place,
        status=home.status,
        lifted_year=home.lifted_year,
        number=number or f"{prefix}{last_own_number(county, prefix) + 1:07d}",
        own_number=not number,
    )


def merge(
    source: Household,
    target: Household,
    *,
    relations: Mapping[int, str],
    on: datetime.date,
    reason: str,
    by: Actor,
) -> RegistryChange:
    """合户: all of `source` go to `target`, each with his relation to its head; `source` is closed. Returns
    the record of `target`."""
    if source.pk == target.pk:
        raise NotChanged("选的是同一户，请选要并入的另一户。", "target")
    with change(ChangeKind.MERGE, on=on, reason=reason, by=by) as act:
        source, target = locked(by, source, target)
        if not target.members.filter(removed_on=None, relation=Relation.HEAD).exists():
            raise NotChanged("要并入的那户没有户主，请先在那户办理户主变更。", "target")
        _check_merge(source, target)
        people = people_of(source)
        _all_said(people, relations, None)
        act.others = {source.pk: target.pk, target.pk: source.pk}
        moved = _move(people, target, relations, act)
        close_if_empty(source, act)
        households_merged.send(sender=Household, source=source, target=target, members=moved)
        act.save(source, target)
        return target.changes.latest("pk")


def _check_merge(source: Household, target: Household) -> None:
    in_case = {case.household_id for case in Case.objects.filter(household__in=[source, target]).open()}
    if {source.pk, target.pk} <= in_case:
        raise NotChanged("两户都是防贫对象，不能合户。请先按程序对其中一户取消重点关注。")
    if source.pk in in_case:
        raise NotChanged("这户是防贫对象，须保留。请从另一户办理合户，并入这一户。")
    if source.lamp == Lamp.RED:
        raise NotChanged("这户还有没办结的风险线索。请办结后再合户，或者从另一户办理，并入这一户。")
    if source.status != target.status:
        raise NotChanged(
            f"两户的户类型不同（{source.get_status_display()}、{target.get_status_display()}），不能合户。"
            "请先核对户类型；确需合户的，改好户册表后由县级办公室导入。"
        )


def may_close(home: Household) -> bool:
    """Whether nothing is open of a household that nobody is left in."""
    return home.lamp != Lamp.RED and not Case.objects.filter(household=home).open().exists()


def close_if_empty(home: Household, act: Change) -> None:
    """With nobody left the household is closed; one with something open stays, without members, until that is
    done."""
    if not home.members.filter(removed_on=None).exists() and may_close(home):
        act.set(home, closed_on=act.on)
