import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from fangpin.accounts.roles import ROLE_PERMISSIONS, Role
from fangpin.common.fields import EncryptedTextField

# Departments of a county that the regulation names, with those whose lists `feeds` know.
DEPARTMENTS = {
    "poverty": "扶贫办",
    "education": "教育局",
    "health": "卫健局",
    "insurance": "医保局",
    "housing": "住建局",
    "water": "水利局",
    "civil": "民政局",
    "disabled": "残联",
    "labour": "人社局",
    "agriculture": "农业农村局",
    "emergency": "应急管理局",
    "police": "公安局",
}


class Level(models.TextChoices):
    REGION = "region", "自治区"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "乡（镇）"
    VILLAGE = "village", "行政村"


def code_range(code: str) -> tuple[str, str]:
    """First and last code of a division and everything below it: trailing zeros by level (2, 4, 6, 9, 12)."""
    for digits in (2, 4, 6, 9):
        if code[digits:] == "0" * (12 - digits):
            return code, code[:digits] + "9" * (12 - digits)
    return code, code


class DivisionQuerySet(models.QuerySet):
    def within(self, division: "Division"):
        low, high = code_range(division.pk)
        return self.filter(code__gte=low, code__lte=high)

    def for_user(self, user):
        return self.within(user.acting.division) if user.acting else self.none()


class Division(models.Model):
    """区划: statistical division code of 12 digits."""

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, verbose_name="上级")

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = "区划"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def county_code(self) -> str:
        return self.code[:6] + "000000"

    @property
    def short_name(self) -> str:
        """都安县 on the screen, 都安瑶族自治县 on papers; 弄池村 for 弄池村委会."""
        name = self.name
        if self.level == Level.COUNTY and name.endswith("自治县"):
            for people in ("瑶族", "壮族", "苗族", "侗族", "各族", "毛南族", "仫佬族"):
                name = name.replace(people, "")
            return name.replace("自治县", "县")
        return (
            name.removesuffix("民委员会")
            if name.endswith("村民委员会")
            else name.removesuffix("委会")
            if name.endswith("村委会")
            else name
        )


class Department(models.Model):
    """部门 of a county."""

    county = models.ForeignKey(Division, models.PROTECT, related_name="departments", verbose_name="县")
    code = models.CharField("代码", max_length=20)
    name = models.CharField("名称", max_length=40)
    contact = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)

    class Meta:
        verbose_name = "部门"
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="department_once_a_county")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager):
    def create_user(self, username: str, password: str | None = None, **fields) -> "User":
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


class DutyQuerySet(models.QuerySet):
    def in_force(self, day=None):
        day = day or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), begins_on__lte=day, user__is_active=True)


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
            models.UniqueConstraint(
                fields=["user", "role", "division", "begins_on"],
                condition=Q(department=None),
                name="duty_once",
                violation_error_message="这个岗位已经有了。",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "division", "department", "begins_on"],
                name="duty_of_department_once",
                violation_error_message="这个岗位已经有了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role_label} · {self.place_name}"

    def is_in_force(self, day=None) -> bool:
        day = day or timezone.localdate()
        return self.begins_on <= day and (self.ends_on is None or self.ends_on >= day)

    @property
    def county_code(self) -> str:
        return self.division_id[:6] + "000000"

    @property
    def role_label(self) -> str:
        return f"{self.department.name}经办人" if self.department_id else self.get_role_display()

    @property
    def place_name(self) -> str:
        return self.division.name


# At the end: it names Duty, and belongs to this app.
from fangpin.accounts.tokens import ApiToken  # noqa: E402, F401
