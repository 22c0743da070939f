"""报盘, 回盘 and 一卡通账户: full numbers stand in sealed files alone; nothing of a bank's answer is written
before it is confirmed."""

import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from funding.bank_accounts import accounts as bank_accounts
from funding.bank_accounts import sheets as account_sheets
from funding.models import ApplicationLine, BankAccount, HandedIn
from funding.payments import bank_answers, bank_files, batches, preparing
from households.models import Household
from tests import factories
from tests.funding import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(county):
    return makers.sent(
        makers.filed(makers.measure(amount=700_00), makers.measure(amount=300_00), on=makers.source())
    )


def number_of(batch, place: int) -> str:
    return batch.lines.get(number=place).account.number


def answer(*rows: tuple, headings=("序号", "账号", "金额（元）", "结果", "失败原因")) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(headings)
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# ---- 报盘 ----
def test_a_banks_list_holds_full_numbers_and_its_sum_and_is_made_once(batch):
    kept, content = bank_files.fetch(batch, "都安农商行", by=makers.finance(), purpose="报送银行")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    cells = [cell for row in rows for cell in row]
    assert number_of(batch, 1) in cells and number_of(batch, 2) in cells
    assert any("合计 2 笔" in str(cell) for cell in cells) and 1000 in [
        c for c in cells if isinstance(c, (int, float))
    ]
    assert (kept.count, kept.amount) == (2, 1_000_00)
    again, same = bank_files.fetch(batch, "都安农商行", by=makers.finance(), purpose="重新报送")
    assert again.pk == kept.pk and same == content
    told = AuditRow.objects.filter(act="bank_file").values_list(
        "details__purpose", "details__lines", "details__amount"
    )
    assert list(told) == [("报送银行", 2, 1_000_00), ("重新报送", 2, 1_000_00)]


def test_a_banks_list_is_sealed_and_for_finance_alone(batch):
    bank_files.fetch(batch, "都安农商行", by=makers.finance(), purpose="报送")
    stored = Path(settings.PRIVATE_ROOT) / batch.files.get().stored_name[:2] / batch.files.get().stored_name
    assert number_of(batch, 1).encode() not in stored.read_bytes() and not stored.read_bytes().startswith(
        b"PK"
    )
    with pytest.raises(Refused, match="只有财政局"):
        bank_files.fetch(batch, "都安农商行", by=makers.director(), purpose="看看")
    with pytest.raises(Refused, match="用途"):
        bank_files.fetch(batch, "都安农商行", by=makers.finance(), purpose=" ")


def test_pages_of_a_batch_show_no_full_number(client, batch):
    client.force_login(makers.finance())
    for page in ("", "paper/"):
        shown = client.get(f"/funds/batches/{batch.uuid}/{page}").content.decode()
        assert number_of(batch, 1) not in shown and f"****{number_of(batch, 1)[-4:]}" in shown


# ---- 回盘 ----
def handed(batch, content: bytes) -> HandedIn:
    return bank_answers.hand_in(batch, file_name="回盘.xlsx", content=content, by=makers.finance())


def test_an_answer_is_shown_first_and_written_once(client, batch):
    content = answer((1, number_of(batch, 1), 700, "成功", ""), (2, "", "", "失败", "账户已销户"))
    client.force_login(makers.finance())
    file = SimpleUploadedFile("回盘.xlsx", content)
    shown = client.post(f"/funds/batches/{batch.uuid}/answer/", {"file": file}, follow=True)
    assert "账户已销户" in shown.content.decode()
    assert not ApplicationLine.objects.filter(state__in=["paid", "failed"]).exists()
    sheet = HandedIn.objects.get()
    for _ in range(2):
        client.post(f"/funds/answers/{sheet.uuid}/confirm/", {"on": makers.today().isoformat()})
    assert sorted(ApplicationLine.objects.values_list("state", flat=True)) == ["failed", "paid"]
    batch.refresh_from_db()
    assert batch.state == "reconciled"
    assert BankAccount.objects.exclude(failed_on=None).get().failed_words == "账户已销户"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((9, "", "", "成功", ""), "没有第 9 号"),
        ((1, "880000000000", "", "成功", ""), "账号与报盘不同"),
        ((1, "", 699, "成功", ""), "金额与报盘不同"),
        ((1, "", "", "处理中", ""), "看不懂"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_by_row_and_not_written(batch, row, words):
    sheet = handed(batch, answer(row, (2, "", "", "成功", "")))
    ((number, message),) = bank_answers.again(sheet).faults
    assert number == 2 and words in message
    with pytest.raises(Refused, match="1 行对不上"):
        bank_answers.confirm(sheet, by=makers.finance(), on=makers.today())
    assert not ApplicationLine.objects.filter(state="paid").exists()


def test_a_masked_number_and_other_headings_are_understood(batch):
    masked = f"8800****{number_of(batch, 1)[-4:]}".replace("****", "*" * (len(number_of(batch, 1)) - 8))
    found = bank_answers.again(
        handed(batch, answer((1, masked, "交易成功"), headings=("批次序号", "卡号", "交易状态")))
    )
    assert [line.number for line in found.paid] == [1] and [line.number for line in found.silent] == [2]


def test_lines_without_an_answer_go_on_waiting(batch):
    bank_answers.confirm(
        handed(batch, answer((1, "", "", "成功", ""))), by=makers.finance(), on=makers.today()
    )
    batch.refresh_from_db()
    assert batch.state == "sent"
    assert sorted(ApplicationLine.objects.values_list("state", flat=True)) == ["paid", "sent"]


# ---- 账户 ----
def test_an_account_typed_differently_twice_is_not_kept(county):
    home, by = factories.household(), makers.person("filer", Role.OFFICE)
    told = {"holder": "韦一", "bank": "农商行", "by": by}
    with pytest.raises(Refused, match="不一样"):
        bank_accounts.enter(home, number="880012345678", again="880012345679", **told)
    with pytest.raises(Refused, match="校验位"):
        bank_accounts.enter(home, number="6217000000000000001", again="6217000000000000001", **told)
    assert not BankAccount.objects.exists()


def test_an_account_is_sealed_and_masked(client, county):
    home = factories.household()
    makers.account(home, "880012345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM funding_bankaccount")
        assert b"880012345678" not in bytes(cursor.fetchone()[0])
    client.force_login(makers.person("filer", Role.OFFICE))
    shown = client.get(f"/funds/accounts/{home.uuid}/").content.decode()
    assert "880012345678" not in shown and "8800****5678" in shown


def accounts_of(*rows: tuple) -> bytes:
    return answer(*rows, headings=("户编号", "证件号码", "户名", "开户行", "账号"))


def test_a_list_of_accounts_is_checked_shown_and_written(client, county):
    homes = [factories.household() for _ in range(4)]
    makers.account(homes[0], "880000000001")
    makers.account(homes[1], "880000000002")
    person = homes[2].members.get().id_number
    content = accounts_of(
        (homes[0].number, "", homes[0].head_name, "都安农商行", "880000000001"),
        (homes[1].number, "", "新户名", "农行", "880000000009"),
        ("", person, "某某", "农行", "880000000010"),
        ("没有的户", "", "某某", "农行", "880000000011"),
        (homes[3].number, "", "某某", "农行", 6217000000000000001),
    )
    client.force_login(makers.person("filer", Role.OFFICE))
    shown = client.post(
        "/funds/accounts/sheet/", {"file": SimpleUploadedFile("账户.xlsx", content)}, follow=True
    )
    assert "没有这个户编号" in shown.content.decode() and BankAccount.objects.count() == 2
    sheet = HandedIn.objects.get()
    reading = account_sheets.again(sheet, by=makers.person("filer", Role.OFFICE))
    assert (len(reading.new), len(reading.changed), reading.unchanged, sorted(reading.faults)) == (
        1,
        1,
        1,
        [5, 6],
    )
    client.post(f"/funds/accounts/sheet/{sheet.uuid}/confirm/")
    assert BankAccount.objects.current().count() == 3
    back = client.get(f"/funds/accounts/sheet/{sheet.uuid}/returned/").content
    assert any(
        "没有这个户编号" in str(c)
        for row in openpyxl.load_workbook(io.BytesIO(back)).active.values
        for c in row
    )


def test_a_list_of_accounts_ends_at_the_area(county):
    near, far = factories.household(), factories.household(village=factories.OTHER_COUNTY_VILLAGE)
    by = factories.user("village-of-accounts", Role.VILLAGE_CADRE, factories.VILLAGE)
    content = accounts_of(
        (near.number, "", "甲", "农行", "880000000001"), (far.number, "", "乙", "农行", "880000000002")
    )
    reading = account_sheets.read("x.xlsx", content, by=by)
    assert len(reading.new) == 1 and list(reading.faults) == [3]


def test_reading_a_list_takes_as_many_statements_for_forty_as_for_two(county):
    by = makers.person("filer", Role.OFFICE)
    homes = [factories.household() for _ in range(40)]

    def counted(some) -> int:
        content = accounts_of(*((h.number, "", "甲", "农行", f"8800{h.pk:08d}") for h in some))
        with CaptureQueriesContext(connection) as queries:
            account_sheets.read("x.xlsx", content, by=by)
        return len(queries)

    assert counted(homes[:2]) == counted(homes)


# ---- Who hears of it ----
def test_a_failed_payment_goes_to_the_village(client, batch):
    from fangpin.accounts import shell

    batches.settle(batch, by=makers.finance(), on=makers.today(), failed={1: "销户"})
    home = Household.objects.get(pk=batch.lines.get(number=1).line.measure.household_id)
    village = factories.user("village-of-money", Role.VILLAGE_CADRE, home.village_id)
    assert any(line.what == "账户有误" and str(home) in line.about for line in shell.todo_for(village))
    makers.account(home, "880099990000")
    assert not any(line.what == "账户有误" for line in shell.todo_for(village))


def test_preparing_and_answering_take_as_many_statements_for_twelve_as_for_two(county):
    source = makers.source(amount=10**9)

    def counted(size: int) -> tuple[int, int]:
        made = makers.filed(*(makers.measure() for _ in range(size)), on=source)
        for line in made.lines.all():
            makers.account(line.measure.household)
        with CaptureQueriesContext(connection) as making:
            batch = preparing.prepare(
                source, ApplicationLine.objects.filter(application=made), by=makers.finance()
            )
        batches.send(batch, by=makers.finance(), voucher=f"凭{size}", on=makers.today())
        with CaptureQueriesContext(connection) as answering:
            batches.settle(batch, by=makers.finance(), on=makers.today(), failed={})
        return len(making), len(answering)

    assert counted(2) == counted(12)
