"""Each rule that the database holds, with a test of the same name."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from fangpin.accounts.models import Department, Duty
from fangpin.accounts.roles import Role
from tests import factories


def refuses(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def duty(person, **fields):
    values = {"user": person, "role": Role.OFFICE, "division_id": factories.COUNTY} | fields
    return Duty.objects.create(**values)


def test_duty_ends_after_it_begins(office):
    day = datetime.date(2020, 1, 2)
    refuses(lambda: duty(office, begins_on=day, ends_on=datetime.date(2020, 1, 1)))
    duty(office, begins_on=day, ends_on=day)


def test_duty_department_iff_officer(office):
    refuses(lambda: duty(office, role=Role.DEPARTMENT))
    department = Department.objects.filter(county_id=factories.COUNTY).first()
    refuses(lambda: duty(office, department=department))


def test_duty_once(office):
    refuses(lambda: duty(office, begins_on=office.acting.begins_on))


def test_duty_of_department_once(insurance_officer):
    own = insurance_officer.acting
    refuses(
        lambda: duty(
            insurance_officer, role=Role.DEPARTMENT, department=own.department, begins_on=own.begins_on
        )
    )


def test_department_once_a_county(db):
    refuses(lambda: Department.objects.create(county_id=factories.COUNTY, code="water", name="水利局"))
