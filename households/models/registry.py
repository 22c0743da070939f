import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import crypto, database
from fangpin.common.cells import CellFault
from fangpin.common.fields import EncryptedTextField, KeyedIndexField
from fangpin.common.values import idnumbers
from fangpin.common.values.idnumbers import mask
from households import rules
from households.codelists import Category, Education, HouseholdStatus, Labour, Relation, Student


class Lamp(models.TextChoices):
    RED = "red", "亮灯预警"
    YELLOW = "yellow", "帮扶中"
    BLUE = "blue", "跟踪中"
    GREEN = "green", "已取消关注"
    NONE = "none", "未亮灯"


class LampSource(models.TextChoices):
    """Where a red lamp comes from: a department's list, the village's report, or both."""

    ONLINE = "online", "线上预警"
    OFFLINE = "offline", "村级上报"
    BOTH = "both", "线上预警、村级上报"


class Hamlet(models.Model):
    """屯（组）: named by the county, no national code."""

    village = models.ForeignKey(Division, models.PROTECT, related_name="hamlets", verbose_name="行政村")
    name = models.CharField("名称", max_length=60)
    head_name = models.CharField("屯（组）长", max_length=40, blank=True, db_default="")

    class Meta:
        verbose_name = "屯（组）"
        constraints = [models.UniqueConstraint(fields=["village", "name"], name="hamlet_once_a_village")]

    def __str__(self) -> str:
        return self.name


class HouseholdQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "village_id"

    def in_scope(self, duty):
        if duty.role == Role.HELPER:
            today = timezone.localdate()
            mine = HelperAssignment.objects.filter(
                Q(ends_on=None) | Q(ends_on__gte=today), user=duty.user_id, begins_on__lte=today
            )
            return super().in_scope(duty).filter(pk__in=mine.values("household"))
        return super().in_scope(duty)

    def search(self, text: str):
        """By full ID number (its keyed index: fragments find nobody), household number, name of a member, or
        initials of a name."""
        text = text.strip()
        members = Member.objects.current()
        try:
            number = idnumbers.parse(text)
        except CellFault:
            pass
        else:
            index = crypto.keyed_index("id", number)
            # Fifteen digits may be an old ID number or the number of a household.
            return self.filter(Q(number=text) | Q(pk__in=members.filter(id_index=index).values("household")))
        if text.isascii() and text.isalpha():
            named = members.filter(initials__startswith=text.lower())
        else:
            named = members.filter(database.name_contains("name", text))
        return self.filter(Q(number=text) | Q(pk__in=named.values("household")))

    def current(self) -> Self:
        """Without those that were closed: merged into another one, or with nobody left."""
        return self.filter(closed_on=None)


class Household(models.Model):
    """农户（户） of the registry (户册)."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    # Found through the unique number of the county. The lamp stands in no index: a sweep lights thousands,
    # and each would be written into all of them.
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县", db_index=False)
    village = models.ForeignKey(
        Division, models.PROTECT, related_name="households", verbose_name="行政村", db_index=False
    )
    hamlet = models.ForeignKey(
        Hamlet, models.PROTECT, null=True, related_name="households", verbose_name="自然屯"
    )
    number = models.CharField("户编号", max_length=40)
    own_number = models.BooleanField("本系统编号", default=False, db_default=False)
    status = models.CharField("户类型", max_length=12, choices=HouseholdStatus)
    lifted_year = models.PositiveSmallIntegerField("脱贫年度", null=True)
    phone = EncryptedTextField("户联系电话", null=True)
    phone_index = KeyedIndexField(null=True, editable=False)
    housing_grade = models.CharField("住房等级", max_length=20, blank=True, db_default="")
    water_secured = models.BooleanField("是否解决安全饮用水", null=True)
    closed_on = models.DateField(
        "注销日期", null=True, help_text="merged into another one, or nobody is left"
    )
    # Kept from the members by `refresh_summaries`, so that lists need no join.
    head_name = models.CharField("户主姓名", max_length=60, blank=True, db_default="")
    size = models.PositiveSmallIntegerField("人口", default=0, db_default=0)
    lamp = models.CharField("灯", max_length=8, choices=Lamp, default=Lamp.NONE, db_default=Lamp.NONE)
    lamp_since = models.DateField("亮灯日期", null=True)
    lamp_source = models.CharField("从哪里来", max_length=8, choices=LampSource, blank=True, db_default="")

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "农户"
        indexes = [models.Index(fields=["village", "id"], name="household_village")]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "number"],
                name="household_number_once_a_county",
                violation_error_message="本县已有这个户编号。",
            ),
            models.CheckConstraint(
                condition=Q(status=HouseholdStatus.LIFTED, lifted_year__isnull=False)
                | (~Q(status=HouseholdStatus.LIFTED) & Q(lifted_year=None)),
                name="household_year_iff_lifted",
                violation_error_message="脱贫户须有脱贫年度，其他户没有。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.head_name}户"

    @property
    def category(self) -> Category | None:
        """What the household would be as a prevention subject; None while it is not yet lifted (Art. 2)."""
        return {"lifted": Category.MONITORED, "ordinary": Category.MARGINAL}.get(self.status)

    @property
    def status_label(self) -> str:
        return (
            f"{self.get_status_display()}（{self.lifted_year} 年脱贫）"
            if self.lifted_year
            else self.get_status_display()
        )


class MemberQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def current(self) -> Self:
        return self.filter(removed_on=None)


class Member(models.Model):
    """家庭成员. Stands in one household at a time; one who leaves keeps his dates."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="members", verbose_name="农户")
    number = models.CharField("人编号", max_length=40, blank=True, db_default="")
    name = models.CharField("姓名", max_length=60)
    initials = models.CharField("拼音首字母", max_length=20, blank=True, db_default="")
    id_number = EncryptedTextField("证件号码")
    id_index = KeyedIndexField(editable=False)
    birth_date = models.DateField("出生日期")
    sex = models.CharField("性别", max_length=6, choices=[("male", "男"), ("female", "女")])
    relation = models.CharField("与户主关系", max_length=20, choices=Relation)
    ethnic_group = models.CharField("民族", max_length=12, blank=True, db_default="")
    education = models.CharField("文化程度", max_length=12, choices=Education, blank=True, db_default="")
    student = models.CharField("在校生状况", max_length=20, choices=Student, blank=True, db_default="")
    health = models.CharField("健康状况", max_length=40, blank=True, db_default="")
    labour = models.CharField("劳动技能", max_length=12, choices=Labour, blank=True, db_default="")
    work_months = models.PositiveSmallIntegerField("务工时间（月）", null=True)
    major_illness_insured = models.BooleanField("是否参加大病保险", null=True)
    phone = EncryptedTextField("人联系电话", null=True)
    phone_index = KeyedIndexField(null=True, editable=False)
    added_on = models.DateField("加入日期", default=timezone.localdate)
    removed_on = models.DateField("离开日期", null=True)
    removed_reason = models.CharField("离开原因", max_length=40, blank=True, db_default="")

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "家庭成员"
        indexes = [
            models.Index(fields=["id_index"], name="member_id_index"),
            models.Index(fields=["name", "birth_date"], name="member_name_birth"),
            models.Index(fields=["initials"], name="member_initials"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_index"],
                condition=Q(removed_on=None),
                name="member_in_one_household",
                violation_error_message="这个人已在另一户中。",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(removed_on=None, relation=Relation.HEAD),
                name="household_one_head",
                violation_error_message="一户只有一个户主。",
            ),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=F("added_on")),
                name="member_leaves_after_joining",
                violation_error_message="离开日期不能早于加入日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id(self) -> str:
        return mask(self.id_number)

    @property
    def age(self) -> int:
        return rules.age_on(self.birth_date, timezone.localdate())

    @property
    def is_head(self) -> bool:
        return self.relation == Relation.HEAD


class AnnualIncome(models.Model):
    """A household's income of one year, fen."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="incomes", verbose_name="农户")
    year = models.PositiveSmallIntegerField("年度")
    wages = models.BigIntegerField("工资性收入")
    business = models.BigIntegerField("生产经营性收入")
    property_income = models.BigIntegerField("财产性收入")
    transfers = models.BigIntegerField("转移性收入")
    costs = models.BigIntegerField("生产经营性支出")
    net = models.GeneratedField(
        expression=F("wages") + F("business") + F("property_income") + F("transfers") - F("costs"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        verbose_name="纯收入",
    )

    class Meta:
        verbose_name = "家庭年收入"
        constraints = [models.UniqueConstraint(fields=["household", "year"], name="income_once_a_year")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.year}"

    def per_head(self, members: int) -> int | None:
        return rules.per_head(self.net, members)


class HelperAssignment(models.Model):
    """A helper (帮扶联系人) and a household he is named for (Art. 4, 9)."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="helpers", verbose_name="农户")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="帮扶联系人"
    )
    begins_on = models.DateField("起", default=timezone.localdate)
    ends_on = models.DateField("止", null=True)

    class Meta:
        verbose_name = "帮扶联系"
        constraints = [
            models.UniqueConstraint(fields=["household", "user", "begins_on"], name="helper_assignment_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.household}"
