"""Each transition of an application and of a batch × each state × each role."""

import pytest
from django.utils import timezone

from fangpin.accounts.roles import Role
from funding.models import Application, ApplicationState, Batch, BatchState
from tests import factories
from tests.funding import makers
from tests.screening.rounds.tables import everybody, outcome

IN_APPROVAL = {"submitted", "office_approved", "finance_approved", "approved"}
EDITABLE = {"draft", "returned", "withdrawn"}
DECIDING = {Role.DIRECTOR, Role.FINANCE, Role.LEADING_GROUP}
# transition → source → target, and who may.
APPLICATION = {
    "submit": (dict.fromkeys(EDITABLE, "submitted"), {Role.DEPARTMENT}),
    "approve_office": ({"submitted": "office_approved", "finance_approved": "approved"}, {Role.DIRECTOR}),
    "approve_finance": ({"submitted": "finance_approved", "office_approved": "approved"}, {Role.FINANCE}),
    "file": ({"approved": "filed"}, {Role.LEADING_GROUP, Role.SECRETARY}),
    "release_without_filing": ({"approved": "filed"}, {Role.FINANCE}),
    "give_back": (dict.fromkeys(IN_APPROVAL, "returned"), DECIDING),
    "reject": (dict.fromkeys(IN_APPROVAL, "rejected"), DECIDING),
    "withdraw": (dict.fromkeys(IN_APPROVAL, "withdrawn"), {Role.DEPARTMENT}),
    "discard": (dict.fromkeys(EDITABLE, "discarded"), {Role.DEPARTMENT}),
    "finish": ({"filed": "paid"}, {Role.FINANCE, None}),
    "reopen": ({"paid": "filed"}, {Role.FINANCE, None}),
}
BATCH = {
    "send": ({"prepared": "sent"}, {Role.FINANCE}),
    "reconcile": ({"sent": "reconciled"}, {Role.FINANCE}),
    "cancel": ({"prepared": "cancelled"}, {Role.FINANCE}),
}


@pytest.fixture
def actors(county):
    return everybody()


@pytest.fixture
def persons(county):
    return [factories.user(f"past-{n}", Role.OFFICE, factories.COUNTY) for n in range(4)]


@pytest.mark.parametrize("name", APPLICATION)
def test_application(actors, persons, name):
    targets, roles = APPLICATION[name]
    source = makers.source("poverty")
    made = makers.draft(makers.measure("monitored"), on=source)
    rows, now = Application.objects.filter(pk=made.pk), timezone.now()
    for state in ApplicationState.values:
        has = state in IN_APPROVAL | {"filed", "paid"}
        office = state in ("office_approved", "approved", "filed", "paid")
        finance = state in ("finance_approved", "approved", "filed", "paid")
        rows.update(
            state=state,
            digest="x",
            needs_filing=False,
            prepared_by=persons[0],
            submitted_by=persons[0],
            submitted_at=now,
            office_by=persons[1] if office else None,
            office_at=now if office else None,
            finance_by=persons[2] if finance else None,
            finance_at=now if finance else None,
            filed_by=persons[3] if has and state in ("filed", "paid") else None,
        )
        for role, actor in actors.items():
            expected = targets.get(state) if role in roles else None
            assert outcome(rows, name, actor) == expected, (name, state, role)


@pytest.mark.parametrize("name", BATCH)
def test_batch(actors, persons, name):
    targets, roles = BATCH[name]
    rows = Batch.objects.filter(pk=makers.batch(makers.filed(makers.measure(), on=makers.source())).pk)
    today = timezone.localdate()
    for state in BatchState.values:
        rows.update(state="prepared", sent_on=None, sent_by=None, voucher="凭证")
        sent = {"sent_on": today, "sent_by": persons[0]} if state in ("sent", "reconciled") else {}
        rows.update(state=state, **sent)
        for role, actor in actors.items():
            expected = targets.get(state) if role in roles else None
            if name == "send" and expected:
                with pytest.raises(Exception, match="batch_sent_with_voucher"):
                    outcome(rows, name, actor)  # a day is needed too
                continue
            assert outcome(rows, name, actor) == expected, (name, state, role)
