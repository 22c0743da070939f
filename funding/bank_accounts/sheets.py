"""一卡通账户 by workbook: a village's or a township's list, checked and shown first, written together once
confirmed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit, cells, crypto
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.refusals import Refused
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column, read_table
from funding import rules
from funding.bank_accounts import accounts
from funding.models import BankAccount, HandedIn
from households.models import Household, Member

HOME, PERSON, HOLDER, BANK, NUMBER = "户编号", "证件号码", "户名", "开户行", "账号"
COLUMNS = [
    Column(HOME, kind="id"),
    Column(PERSON, kind="id", synonyms=("身份证号码", "户主证件号码")),
    Column(HOLDER, required=True, synonyms=("账户名", "持卡人", "姓名")),
    Column(BANK, required=True, synonyms=("开户银行", "银行")),
    Column(NUMBER, required=True, kind="id", synonyms=("银行账号", "卡号", "一卡通账号")),
]
MOST = 20_000


@dataclass
class Reading:
    """New, changed and unchanged accounts, and row → fault."""

    new: list[BankAccount] = field(default_factory=list)
    changed: list[BankAccount] = field(default_factory=list)
    unchanged: int = 0
    faults: dict[int, str] = field(default_factory=dict)


def template() -> bytes:
    notes = [
        "“户编号”和“证件号码”填一个就可以；“账号”须是文本，不要用数值。",
        "先检查、给您看过，确认后才写入。",
    ]
    return handing_in.template(COLUMNS, title="一卡通账户", notes=notes)


def hand_in(*, file_name: str, content: bytes, by: Actor) -> HandedIn:
    """Keeps the file, sealed, after it could be read. Raises Refused or UnreadableFile."""
    if not by.may("account.edit"):
        raise Refused("您当前的岗位不能登记账户。")
    read(file_name, content, by=by)
    with handing_in.kept(
        HandedIn,
        kind=HandedIn.Kind.ACCOUNTS,
        county_id=by.duty.county_code,
        file_name=file_name,
        content=content,
        by=by,
    ) as sheet:
        return sheet


def again(sheet: HandedIn, *, by: Actor) -> Reading:
    return read(sheet.file_name, private_files.load(sheet.stored_name), by=by)


def read(file_name: str, content: bytes, *, by: Actor) -> Reading:
    """What the file would do; a constant number of statements."""
    table = read_table(content, file_name, COLUMNS)
    if len(table.rows) > MOST:
        raise Refused(f"一次最多 {MOST} 行，请分成几个文件上传。")
    columns = {column.heading: table.column(column.heading) for column in COLUMNS}
    rows = [(n, {h: values[place] for h, values in columns.items()}) for place, n in enumerate(table.numbers)]
    homes, people = _homes(rows, by), _people(rows, by)
    current = accounts.current_accounts({h.pk for h in [*homes.values(), *people.values()]})
    reading, seen = Reading(), {}
    for number, row in rows:
        if all(cells.is_blank(value) for value in row.values()):
            continue
        try:
            home = _home(row, homes, people)
            if (first := seen.setdefault(home.pk, number)) != number:
                raise CellFault("twice", f"与第 {first} 行是同一户，请删去其中一行。")
            _account(row, home, current.get(home.pk), reading, by)
        except CellFault as fault:
            reading.faults[number] = fault.message
    return reading


def _homes(rows, by: Actor) -> dict[str, Household]:
    keys = {cells.identifier(row[HOME]) for _, row in rows if not cells.is_blank(row[HOME])}
    return {home.number: home for home in Household.objects.for_user(by).filter(number__in=keys)}


def _index(value) -> uuid.UUID | None:
    try:
        return crypto.keyed_index("id", idnumbers.parse(value))
    except CellFault:
        return None


def _people(rows, by: Actor) -> dict[uuid.UUID, Household]:
    keys = {
        _index(row[PERSON])
        for _, row in rows
        if cells.is_blank(row[HOME]) and not cells.is_blank(row[PERSON])
    }
    members = (
        Member.objects.for_user(by).current().filter(id_index__in=keys - {None}).select_related("household")
    )
    return {member.id_index: member.household for member in members}


def _home(row: Mapping[str, Any], homes, people) -> Household:
    if not cells.is_blank(row[HOME]):
        home = homes.get(cells.identifier(row[HOME]))
        if home is None:
            raise CellFault("home", f"“{HOME}”：您的管辖范围内没有这个户编号，请核对。")
        return home
    index = None if cells.is_blank(row[PERSON]) else _index(row[PERSON])
    home = people.get(index) if index else None
    if home is None:
        raise CellFault("person", f"“{PERSON}”：您的管辖范围内没有这个号码，请核对，或填“{HOME}”。")
    return home


def _account(
    row: Mapping[str, Any], home: Household, before: BankAccount | None, reading: Reading, by
) -> None:
    for heading in (HOLDER, BANK, NUMBER):
        if cells.is_blank(row[heading]):
            raise CellFault("required", f"“{heading}”没有填。")
    number = rules.plain_number(cells.identifier(row[NUMBER]))
    if fault := rules.account_fault(number):
        raise CellFault("account", f"“{NUMBER}”：{fault}。")
    made = BankAccount(
        household=home,
        holder=cells.text(row[HOLDER])[:60],
        bank=cells.text(row[BANK])[:60],
        number=number,
        number_index=accounts.index_of(number),
        tail=number[-4:],
        by=by,
    )
    if before is None:
        reading.new.append(made)
    elif accounts.same(before, number, made.holder, made.bank) and not before.failed_on:
        reading.unchanged += 1
    else:
        reading.changed.append(made)


def confirm(sheet: HandedIn, *, by: Actor) -> tuple[int, int]:
    """(new, changed) are written together; rows with a fault are left and can be fetched with their
    reason."""
    with transaction.atomic():
        held = HandedIn.objects.select_for_update().get(pk=sheet.pk)
        if held.confirmed_at or held.by_id != by.pk:
            raise Refused("这份表已经写入，或不是您上传的。")
        reading = again(held, by=by)
        made = [*reading.new, *reading.changed]
        if not made:
            raise Refused("没有可以写入的行。请按各行的原因改正后重新上传。")
        homes = [account.household_id for account in made]
        list(
            Household.objects.filter(pk__in=homes)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk")
        )
        BankAccount.objects.current().filter(household__in=homes).update(ended_at=timezone.now())
        BankAccount.objects.bulk_create(made, batch_size=1000)
        held.confirmed_at = timezone.now()
        held.save(update_fields=["confirmed_at"])
        audit.record(
            by, "bank_accounts", held, new=len(reading.new), changed=len(reading.changed), digest=held.digest
        )
    return len(reading.new), len(reading.changed)


def returned(sheet: HandedIn, *, by: Actor) -> bytes:
    """The rows that were not taken, as they came, with their reason; audited."""
    content = private_files.load(sheet.stored_name)
    table = read_table(content, sheet.file_name, COLUMNS)
    faults = read(sheet.file_name, content, by=by).faults
    rows = zip(table.numbers, table.rows, strict=True)
    returned = [(number, row, faults[number]) for number, row in rows if number in faults]
    return handing_in.returned_workbook(sheet, "bank_accounts_returned", table.headings, returned, by=by)
