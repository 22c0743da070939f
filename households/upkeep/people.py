"""One person comes, goes, or comes back."""

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fangpin.accounts.models import code_range
from fangpin.common import crypto
from fangpin.common.actor import Actor
from fangpin.common.values import idnumbers
from households import rules
from households.codelists import Relation
from households.models import ChangeKind, Household, Member, RegistryChange
from households.names import initials
from households.upkeep import NotChanged
from households.upkeep.families import close_if_empty, may_close, new_head
from households.upkeep.recording import STALE, Change, change, locked, people_of

COMING = (ChangeKind.BIRTH, ChangeKind.MARRY_IN, ChangeKind.MOVE_IN)
GOING = (ChangeKind.DEATH, ChangeKind.MARRY_OUT, ChangeKind.MOVE_OUT)
INFANT_YEARS = 6  # a late registration of a birth
# What a person brings along from the household that he leaves, where the form does not ask.
_BROUGHT = ("number", "major_illness_insured")


def add_person(
    home: Household,
    person: Mapping[str, Any],
    *,
    kind: ChangeKind,
    on: datetime.date,
    reason: str,
    by: Actor,
    from_other: bool = False,
) -> RegistryChange:
    """Somebody is born into, marries into or moves into `home`.

    `person`: name, id_number (18 characters, checked), relation, and what else is known of him, by column.
    One who stands in another household of the reader's area leaves it with this act where `from_other` says
    so.
    """
    with change(kind, on=on, reason=reason, by=by) as act:
        number = person["id_number"]
        index = crypto.keyed_index("id", number)
        registered = Member.objects.current().filter(id_index=index).select_related("household").first()
        home, *others = locked(by, home, *_left_by(registered, home, by=by, willing=from_other))
        people = people_of(home)
        _check_coming(person, people, kind=kind, on=on)
        brought = {}
        for other in others:
            left = _leave(other, index, act)
            brought = {name: getattr(left, name) for name in _BROUGHT}
            act.others = {home.pk: other.pk, other.pk: home.pk}
        member = _new(home, brought | dict(person), on=on)
        act.joined(member, ChangeKind(kind).label)
        for other in others:
            close_if_empty(other, act)
        return act.save(home)


def _left_by(registered: Member | None, home: Household, *, by: Actor, willing: bool) -> list[Household]:
    """The household that a person leaves by coming here: none, or one."""
    if registered is None:
        return []
    if registered.household_id == home.pk:
        raise NotChanged("这个证件号码的人已经在这户里，不用再加。", "id_number")
    other, (low, high) = registered.household, code_range(by.duty.division_id)
    if not low <= other.village_id <= high:
        raise NotChanged(
            "这个证件号码的人现在另一户，不在您管辖的范围内。请原乡镇先办理婚出或迁出，或由县级办公室办理。",
            "id_number",
        )
    if not willing:
        raise NotChanged(
            f"这个证件号码的人现在是{other.village.short_name}{other.head_name}户的{registered.name}。确实转到这户的，"
            "请勾选“同时从原来的户转出”再提交。",
            "id_number",
            code="elsewhere",
        )
    return [other]


def _leave(other: Household, index: UUID, act: Change) -> Member:
    people = people_of(other)
    left = next((member for member in people if member.id_index == index), None)
    if left is None:
        raise NotChanged(STALE)
    if left.is_head and len(people) > 1:
        raise NotChanged(
            f"{left.name}是原来那户的户主，那户还有别人。请先在那一户办理户主变更，再转过来。", "id_number"
        )
    act.let_go(left, f"{act.kind.label}别户")
    return left


def _check_coming(
    person: Mapping[str, Any], people: list[Member], *, kind: ChangeKind, on: datetime.date
) -> None:
    has_head = any(member.is_head for member in people)
    if person["relation"] == Relation.HEAD and has_head:
        raise NotChanged("这户已有户主。要换户主的，先把人加进来，再办理户主变更。", "relation")
    if person["relation"] != Relation.HEAD and not has_head:
        raise NotChanged("这户现在没有户主，新来的人请选“户主”，或先办理户主变更。", "relation")
    birth = idnumbers.birth_date(person["id_number"])
    if birth > on:
        raise NotChanged("变动日期比证件号码中的出生日期还早，请核对。", "happened_on")
    if kind == ChangeKind.BIRTH and rules.age_on(birth, on) >= INFANT_YEARS:
        raise NotChanged("按证件号码已满 6 岁，不是新生儿。请办理迁入。", "id_number")


def _new(home: Household, person: Mapping[str, Any], *, on: datetime.date) -> Member:
    number, phone = person["id_number"], person.get("phone") or None
    columns = {name: value for name, value in person.items() if name not in ("id_number", "phone")}
    return Member.objects.create(
        household=home,
        id_number=number,
        id_index=crypto.keyed_index("id", number),
        phone=phone,
        phone_index=crypto.keyed_index("phone", phone) if phone else None,
        birth_date=idnumbers.birth_date(number),
        sex=idnumbers.sex(number),
        initials=initials(person["name"])[:20],
        added_on=on,
        **columns,
    )


def let_go(
    member: Member,
    *,
    kind: ChangeKind,
    on: datetime.date,
    reason: str,
    by: Actor,
    head: int | None = None,
    relations: Mapping[int, str] | None = None,
) -> RegistryChange:
    """Somebody dies, marries out or moves out. Where the head goes and others stay, `head` (a member) follows
    and `relations` says what each of the others is to the new one. What is open of the household (case,
    leads, verification) stays with it; with nobody left it is closed, unless something is open."""
    with change(kind, on=on, reason=reason, by=by) as act:
        (home,) = locked(by, member.household)
        people = people_of(home)
        going = next((one for one in people if one.pk == member.pk), None)
        if going is None:
            raise NotChanged(f"{member.name}已经不在这户，不用再办。")
        act.let_go(going, act.kind.label)
        staying = [one for one in people if one.pk != going.pk]
        if going.is_head and staying:
            new_head(staying, head, relations or {}, act)
        if not staying and may_close(home):
            close_if_empty(home, act)
        return act.save(home)


def bring_back(member: Member, *, on: datetime.date, reason: str, by: Actor, relation: str) -> RegistryChange:
    """A departure that was a mistake is taken back: the person stands in the household as before, with the
    relation given; a household closed by it stands again."""
    with change(ChangeKind.RETURN, on=on, reason=reason, by=by) as act:
        own = Member.objects.for_user(by).select_related("household").filter(pk=member.pk)
        gone = own.select_for_update(of=("self",)).first()
        if gone is None or gone.removed_on is None:
            raise NotChanged("这个人没有离开，不用恢复。")
        if Member.objects.current().filter(id_index=gone.id_index).exists():
            raise NotChanged(f"{gone.name}现在另一户，不能恢复到这户。请先在那一户办理。")
        home = gone.household
        _check_coming(
            {"relation": relation, "id_number": gone.id_number}, people_of(home), kind=act.kind, on=on
        )
        before = gone.removed_on
        gone.removed_on, gone.removed_reason, gone.relation = None, "", relation
        gone.save(update_fields=["removed_on", "removed_reason", "relation"])
        act.values[home.pk].append((gone, "", "离开", "在户"))
        act.trail[Member, gone.pk]["removed_on"] = [before.isoformat(), None]
        if home.closed_on:
            act.set(home, closed_on=None)
        return act.save(home)
