"""Money for 500 lines: submitted, approved by both bodies, filed, put into a batch, sent, answered;
statements beside it."""

import uuid
from collections.abc import Callable, Iterator

from django.utils import timezone

from bench import county
from bench.meeting import _statements, rolled_back
from bench.timing import Measure
from fangpin.accounts.acting import user_for
from fangpin.accounts.models import Department
from funding import rules
from funding.applications import approvals, gathering, submitting
from funding.bank_accounts.accounts import index_of
from funding.models import Application, ApplicationLine, BankAccount, FundSource
from funding.payments import batches, preparing
from funding.sources import sources
from households.models import Household
from measures.catalogue import types as catalogue
from measures.models import Measure as Help


def paid(count: int, repeat: int) -> Iterator[Measure]:
    director = user_for("director", "fund.approve_office", county.COUNTY)
    finance = user_for("finance", "fund.approve_finance", county.COUNTY)
    leader = user_for("leader", "fund.file", county.COUNTY)
    by = user_for("dept-agriculture", "fund.apply", county.COUNTY)
    source, drafted = _drafted(count, by, finance)
    own = Application.objects.filter(pk=drafted.pk)

    def submit() -> None:
        submitting.submit(Application.objects.get(pk=drafted.pk), by=by)

    yield _line(
        f"an application of {count:,} lines submitted: claims, commitments, movements", submit, repeat
    )
    submit()

    def approve() -> None:
        approvals.approve(own, by=director)
        approvals.approve(own, by=finance)
        approvals.file(own, by=leader, number="备1")
        preparing.prepare(source, ApplicationLine.objects.filter(application=drafted.pk), by=finance)

    yield _line(
        f"{count:,} lines approved by both, filed and put into a batch", approve, repeat, goal="≤ 2 s"
    )
    approve()
    batch = source.batches.get()
    yield Measure(
        f"{count:,} payments sent and answered: movements, claims, measures delivered, their records",
        "constant number of statements",
        rolled_back(lambda: _answered(batch, finance), repeat),
        note=f"{_statements(lambda: _answered(batch, finance))} statements",
    )


def _line(
    name: str, work: Callable[[], None], repeat: int, goal: str = "constant number of statements"
) -> Measure:
    return Measure(name, goal, rolled_back(work, repeat), note=f"{_statements(work)} statements")


def _answered(batch, by) -> None:
    batches.send(batch, by=by, voucher=f"凭{uuid.uuid4().hex[:8]}", on=timezone.localdate())
    batches.settle(batch, by=by, on=timezone.localdate(), failed={})


def _drafted(count: int, by, finance) -> tuple[FundSource, Application]:
    """Filed awards of lifted households with accounts, and one application of them."""
    today = timezone.localdate()
    place = Department.objects.get(county=county.COUNTY, code="agriculture")
    kind = catalogue.in_force(place.county, today)["industry_award"].row
    free = Household.objects.filter(county=county.COUNTY, status="lifted", bank_accounts=None, measures=None)
    homes = list(free.order_by("pk")[:count])
    if len(homes) < count:
        raise SystemExit(f"only {len(homes)} lifted households: make the county larger")
    Help.objects.bulk_create(
        Help(
            household=home,
            kind="lifted",
            department=place,
            type=kind,
            code=kind.code,
            form="money",
            route="R2",
            state="filed",
            amount=100_000,
            year=today.year,
            planned_from=today,
            planned_to=today,
            planned_by=by,
            filed_by=county.office(),
            filed_on=today,
            filing_number=f"测{number}",
        )
        for number, home in enumerate(homes)
    )
    BankAccount.objects.bulk_create(
        BankAccount(
            household=home,
            holder=home.head_name,
            bank=f"银行{number % 4}",
            number=f"8800{home.pk:010d}",
            number_index=index_of(f"8800{home.pk:010d}"),
            tail=f"{home.pk:04d}"[-4:],
            by=county.office(),
        )
        for number, home in enumerate(homes)
    )
    source = sources.register(
        by=finance,
        year=today.year,
        kind="poverty",
        level="region",
        name="专项",
        document="文1",
        amount=10**12,
        on=today,
    )
    chosen = gathering.payable(by).filter(household__in=homes).values_list("pk", flat=True)
    made = gathering.begin(
        source, by=by, title="奖补", lines=dict.fromkeys(chosen), project_name="项目", project_number="1"
    )
    Application.objects.filter(pk=made.pk).update(steps=rules.MARGINAL_STEPS)
    return source, made
