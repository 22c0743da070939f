"""Who prepared an application has another duty later: he is told that somebody else has to go on, by a
sentence and not by the database (Art. 11)."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from fangpin.accounts import acting
from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from funding.applications import approvals, gathering, submitting
from funding.models import Application
from tests import factories
from tests.funding import makers
from tests.measures.makers import officer

pytestmark = pytest.mark.django_db
SENTENCE = "是您经办的，须由他人审定（第十一条）"


@pytest.fixture
def application() -> Application:
    """Prepared by one officer of the department, submitted by another."""
    source, measure = makers.source(), makers.measure()
    preparer = factories.user("preparer", Role.DEPARTMENT, factories.COUNTY, "insurance", name="陆某")
    made = gathering.begin(source, by=preparer, title="特殊救助", lines={measure.pk: None})
    return submitting.submit(made, by=officer("insurance"))


def preparer_as(role: str):
    """The same person in another duty."""
    return factories.user("preparer", role, factories.COUNTY)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.FINANCE])
def test_who_prepared_does_not_approve(application, role):
    with pytest.raises(Refused, match=SENTENCE):
        approvals.approve(makers.own(application), by=preparer_as(role))
    application.refresh_from_db()
    assert application.state == "submitted"


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.FINANCE])
def test_who_submitted_does_not_approve(application, role):
    officer_too = factories.user("dept-insurance", role, factories.COUNTY)
    with pytest.raises(Refused, match=SENTENCE):
        approvals.approve(makers.own(application), by=officer_too)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.FINANCE])
def test_page_tells_who_prepared_that_another_approves(client, application, role):
    client.force_login(person := preparer_as(role))
    session = client.session
    session[acting.SESSION_KEY] = person.acting.pk
    session.save()
    form = {"pick": str(application.uuid), f"seen-{application.uuid}": application.digest}
    answer = client.post(reverse("funding:application-approve"), form)
    assert answer.status_code == 302
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        f"申请 {application.number} {SENTENCE}。整批没有办理。"
    ]


def test_who_approved_for_one_body_does_not_for_the_other(application):
    approvals.approve(makers.own(application), by=factories.user("both", Role.DIRECTOR, factories.COUNTY))
    both = factories.user("both", Role.FINANCE, factories.COUNTY)
    with pytest.raises(Refused, match="您已为另一部门审定，须由他人审定"):
        approvals.approve(makers.own(application), by=both)


@pytest.mark.parametrize("name", ["preparer", "dept-insurance", "chief", "money"])
def test_who_applied_or_approved_does_not_file(application, name):
    approvals.approve(makers.own(application), by=makers.director())
    approvals.approve(makers.own(application), by=makers.finance())
    leader = factories.user(name, Role.LEADING_GROUP, factories.COUNTY)
    with pytest.raises(Refused, match="是您申请或审定的，须由他人备案（第十一条）"):
        approvals.file(makers.own(application), by=leader, number="都扶领备〔2026〕1号")
    clerk = factories.user(name, Role.SECRETARY, factories.COUNTY)
    with pytest.raises(Refused, match="是您申请或审定的，须由他人备案（第十一条）"):
        approvals.register_filing(
            application, by=clerk, number="1号", signer="王某", signed_on=makers.today()
        )


def test_who_prepared_gives_nothing_back(application):
    with pytest.raises(Refused, match="是您经办的，要改请用“撤回”"):
        approvals.decline(makers.own(application), by=preparer_as(Role.DIRECTOR), words="金额不对")
