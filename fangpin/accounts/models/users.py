"""People who sign in, and the duties they act in."""

import datetime
import uuid
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from fangpin.accounts.models.divisions import Department, Division
from fangpin.accounts.places.codes import code_range
from fangpin.accounts.roles import ROLE_PERMISSIONS, Role
from fangpin.common.actor import Actor
from fangpin.common.fields import EncryptedTextField


class UserQuerySet(models.QuerySet["User"]):
    def for_user(self, user: Actor) -> Self:
        """Who has, or had, a duty in the administrator's area; and who has none yet and was made there."""
        if user.acting is None or not user.may("user.manage"):
            return self.none()
        low, high = code_range(user.acting.division_id)
        duties = Duty.objects.filter(user=OuterRef("pk"))
        inside = Exists(duties.filter(division_id__gte=low, division_id__lte=high))
        made_here = Q(made_in_id__gte=low, made_in_id__lte=high)
        return self.filter(inside | (~Exists(duties) & made_here))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who signs in. What he may do comes from the duty he acts in, `acting`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField("用户名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    phone = EncryptedTextField("电话", null=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改密码", default=True)
    # Only while the password is a one-time code: after this moment it lets nobody in.
    code_expires_at = models.DateTimeField("一次性密码有效至", null=True)
    made_in = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+", verbose_name="建立于")
    made_at = models.DateTimeField("建立时间", default=timezone.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    acting: "Duty | None" = None

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return self.name

    def may(self, permission: str | None) -> bool:
        return self.acting is not None and permission in ROLE_PERMISSIONS[self.acting.role]

    @property
    def duty(self) -> "Duty":
        """The duty he acts in, where a right was asked for before: nobody has one without a duty."""
        assert self.acting is not None
        return self.acting

    @property
    def has_code(self) -> bool:
        """Whether his password is a one-time code that he has not changed yet."""
        return self.must_change_password and self.code_expires_at is not None

    @property
    def code_has_expired(self) -> bool:
        ends = self.code_expires_at
        return self.must_change_password and ends is not None and ends <= timezone.now()

    def act_in(self, duty: "Duty | None") -> "User":
        """Takes up a duty that is his and in force; raises NotInForce otherwise."""
        if duty is not None and (duty.user_id != self.pk or not self.is_active or not duty.is_in_force()):
            raise NotInForce
        self.acting = duty
        return self

    def resume(self, duty: "Duty | None") -> "User":
        """The same for work queued earlier: the duty is read again."""
        return self.act_in(
            Duty.objects.select_related("user", "division", "department").get(pk=duty.pk) if duty else None
        )


class NotInForce(Exception):
    message = "您的岗位已经到期或被停用，这项工作没有进行。请联系本县系统管理员。"


class DutyQuerySet(models.QuerySet["Duty"]):
    def in_force(self, day: datetime.date | None = None) -> Self:
        day = day or timezone.localdate()
        return self.running(day).filter(begins_on__lte=day, user__is_active=True)

    def running(self, day: datetime.date | None = None) -> Self:
        """In force or still to come."""
        day = day or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), stopped_at=None)

    def overlapping(self, begins_on: datetime.date, ends_on: datetime.date | None) -> Self:
        """Whose term shares a day with this one; a duty that was stopped counts no longer."""
        duties = self.filter(Q(ends_on=None) | Q(ends_on__gte=begins_on), stopped_at=None)
        return duties if ends_on is None else duties.filter(begins_on__lte=ends_on)

    def in_area(self, code: str) -> Self:
        low, high = code_range(code)
        return self.filter(division_id__gte=low, division_id__lte=high)


OVERLAP = "这个岗位已经有了，起止日期有重叠。请先填写原岗位的止期，或把新岗位的起期往后移。"


class Duty(models.Model):
    """岗位: user × role × division × department, from – to."""

    user = models.ForeignKey(User, models.PROTECT, related_name="duties", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="区划")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", verbose_name="部门"
    )
    begins_on = models.DateField("起", default=timezone.localdate)
    ends_on = models.DateField("止", null=True, blank=True)
    # Taken away in the middle of a day: the last day alone would let him go on until midnight.
    stopped_at = models.DateTimeField("停止时间", null=True)
    document = models.CharField("依据文号", max_length=60, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")),
                name="duty_ends_after_it_begins",
                violation_error_message="岗位的止期不能早于起期。",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.DEPARTMENT, department__isnull=False)
                | (~Q(role=Role.DEPARTMENT) & Q(department__isnull=True)),
                name="duty_department_iff_officer",
                violation_error_message="部门经办人须选部门，其他岗位不选部门。",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(ends_on__isnull=False),
                name="duty_stopped_has_an_end",
                violation_error_message="停止的岗位须有止期。",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "division", "begins_on"],
                condition=Q(department=None, stopped_at=None),
                name="duty_once",
                violation_error_message="这个岗位已经有了。",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "division", "department", "begins_on"],
                condition=Q(department__isnull=False, stopped_at=None),
                name="duty_of_department_once",
                violation_error_message="这个岗位已经有了。",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "division"],
                condition=Q(department=None, ends_on=None),
                name="duty_open_once",
                violation_error_message=OVERLAP,
            ),
            models.UniqueConstraint(
                fields=["user", "role", "division", "department"],
                condition=Q(department__isnull=False, ends_on=None),
                name="duty_of_department_open_once",
                violation_error_message=OVERLAP,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role_label} · {self.place_name}"

    def is_in_force(self, day: datetime.date | None = None) -> bool:
        day = day or timezone.localdate()
        return self.begins_on <= day and not self.is_over(day)

    def is_over(self, day: datetime.date | None = None) -> bool:
        day = day or timezone.localdate()
        return self.stopped_at is not None or (self.ends_on is not None and self.ends_on < day)

    def like(self) -> "DutyQuerySet":
        """The same person's other duties of the same role, place and department."""
        department: Any = self.department_id
        same = Duty.objects.filter(
            user_id=self.user_id,
            role=self.role,
            division_id=self.division_id,
            department_id=department,
        )
        return same.exclude(pk=self.pk)

    def clean(self) -> None:
        if self.stopped_at is None and self.like().overlapping(self.begins_on, self.ends_on).exists():
            raise ValidationError(OVERLAP)

    @property
    def county_code(self) -> str:
        return self.division_id[:6] + "000000"

    @property
    def role_label(self) -> str:
        return f"{self.department.name}经办人" if self.department else self.get_role_display()

    @property
    def place_name(self) -> str:
        return self.division.name


# At the end: it names Duty, and belongs to this app.
