import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from households.models.registry import Household, Member


class ChangeKind(models.TextChoices):
    BIRTH = "birth", "出生"
    MARRY_IN = "marry_in", "婚入"
    MOVE_IN = "move_in", "迁入"
    RETURN = "return", "恢复（误办离开）"
    DEATH = "death", "死亡"
    MARRY_OUT = "marry_out", "婚出"
    MOVE_OUT = "move_out", "迁出"
    SPLIT = "split", "分户"
    MERGE = "merge", "合户"
    HEAD = "head", "户主变更"
    MEMBER = "member", "成员信息更正"
    HOUSEHOLD = "household", "户信息更正"


class RegistryChangeQuerySet(ScopedQuerySet):
    scope_permission = "household.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))


class RegistryChange(models.Model):
    """户册变动: one change of the registry by hand. A change that touches two households has one row for
    each."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("变动", max_length=12, choices=ChangeKind)
    household = models.ForeignKey(Household, models.PROTECT, related_name="changes", verbose_name="农户")
    other = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="+", verbose_name="另一户", db_index=False
    )
    happened_on = models.DateField("变动日期")
    reason = models.CharField("原因", max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人")
    acting_as = models.ForeignKey("accounts.Duty", models.PROTECT, related_name="+", verbose_name="岗位")
    at = models.DateTimeField("办理时间", default=timezone.now)

    objects = RegistryChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "户册变动"
        indexes = [models.Index(fields=["at"], name="registry_change_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.happened_on}"


class ChangedValue(models.Model):
    """What one change did to one column, or to one person as a whole (`item` empty: joined or left).

    Of numbers the keyed index stands here, never the number. `member` is empty for a column of the household.
    """

    change = models.ForeignKey(RegistryChange, models.CASCADE, related_name="values", verbose_name="变动")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="changed_values", verbose_name="家庭成员"
    )
    item = models.CharField("项目", max_length=30, blank=True)
    before = models.CharField("原来", max_length=80, blank=True)
    after = models.CharField("现在", max_length=80, blank=True)

    class Meta:
        verbose_name = "变动内容"
        indexes = [models.Index(fields=["item", "before"], name="changed_value_before")]

    def __str__(self) -> str:
        return f"{self.item}: {self.before} → {self.after}"


class KnownDoubt(models.Model):
    """已核实无误: a doubtful value that somebody has looked at; it counts again once the value changes."""

    check_code = models.CharField("检查", max_length=40)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", verbose_name="农户")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="家庭成员")
    found = models.CharField("当时的值", max_length=80, blank=True)
    words = models.CharField("说明", max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="核实人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "已核实无误"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "check_code"],
                condition=Q(member__isnull=False),
                name="known_doubt_once_a_member",
            ),
            models.UniqueConstraint(
                fields=["household", "check_code"],
                condition=Q(member=None),
                name="known_doubt_once_a_household",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_code} {self.household_id}"


class QualityReport(models.Model):
    """What the checks of the registry found in a county when they last ran: check → township (9 digits) → how
    many."""

    county = models.OneToOneField(Division, models.PROTECT, verbose_name="县")
    counts = models.JSONField("处数", default=dict)
    made_at = models.DateTimeField("截至", default=timezone.now)
    seconds = models.FloatField("用时（秒）", default=0)

    class Meta:
        verbose_name = "户册质量检查"

    def __str__(self) -> str:
        return str(self.county_id)
