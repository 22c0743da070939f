"""What is written of a person or a household is put right."""

import datetime
from collections.abc import Mapping
from typing import Any

from fangpin.common import crypto
from fangpin.common.actor import Actor
from fangpin.common.values import idnumbers
from households.codelists import Relation
from households.models import ChangeKind, Hamlet, Household, Member, RegistryChange
from households.names import initials
from households.upkeep import NotChanged
from households.upkeep.recording import change, locked, people_of

MEMBER_COLUMNS = (
    "name",
    "relation",
    "ethnic_group",
    "education",
    "student",
    "health",
    "labour",
    "work_months",
    "major_illness_insured",
)
HOUSEHOLD_COLUMNS = ("housing_grade", "water_secured")
NOTHING_NEW = "没有改动任何内容。"


def correct_person(
    member: Member, values: Mapping[str, Any], *, on: datetime.date, reason: str, by: Actor
) -> RegistryChange:
    """`values`: columns of MEMBER_COLUMNS, `phone`, and `id_number` (checked; birth date and sex follow
    it)."""
    with change(ChangeKind.MEMBER, on=on, reason=reason, by=by) as act:
        (home,) = locked(by, member.household)
        person = next((one for one in people_of(home) if one.pk == member.pk), None)
        if person is None:
            raise NotChanged(f"{member.name}已经不在这户，不能更正。")
        columns = {name: values[name] for name in MEMBER_COLUMNS if name in values}
        _check_relation(person, columns)
        if "name" in columns:
            columns["initials"] = initials(columns["name"])[:20]
        columns |= _phone(values)
        if number := values.get("id_number"):
            columns |= _number(person, number)
        if not act.set(person, **columns):
            raise NotChanged(NOTHING_NEW)
        return act.save(home)


def _check_relation(person: Member, columns: dict[str, Any]) -> None:
    relation = columns.get("relation", person.relation)
    if (relation == Relation.HEAD) != person.is_head:
        raise NotChanged("换户主请办理“户主变更”。", "relation")


def _phone(values: Mapping[str, Any]) -> dict[str, Any]:
    if "phone" not in values:
        return {}
    phone = values["phone"] or None
    return {"phone": phone, "phone_index": crypto.keyed_index("phone", phone) if phone else None}


def _number(person: Member, number: str) -> dict[str, Any]:
    index = crypto.keyed_index("id", number)
    if Member.objects.current().filter(id_index=index).exclude(pk=person.pk).exists():
        raise NotChanged("这个证件号码已是户册中另一个人的，请核对两人的证件。", "id_number")
    return {
        "id_number": number,
        "id_index": index,
        "birth_date": idnumbers.birth_date(number),
        "sex": idnumbers.sex(number),
    }


def correct_household(
    home: Household, values: Mapping[str, Any], *, on: datetime.date, reason: str, by: Actor
) -> RegistryChange:
    """`values`: columns of HOUSEHOLD_COLUMNS, `phone`, `hamlet` (its name; nothing for none)."""
    with change(ChangeKind.HOUSEHOLD, on=on, reason=reason, by=by) as act:
        (home,) = locked(by, home)
        columns = {name: values[name] for name in HOUSEHOLD_COLUMNS if name in values} | _phone(values)
        if "hamlet" in values:
            columns["hamlet_id"] = _hamlet(home, values["hamlet"])
        if not act.set(home, **columns):
            raise NotChanged(NOTHING_NEW)
        return act.save(home)


def _hamlet(home: Household, name: str) -> int | None:
    if not (name := name.strip()):
        return None
    hamlet, _ = Hamlet.objects.get_or_create(village_id=home.village_id, name=name[:60])
    return hamlet.pk
