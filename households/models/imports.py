from django.db import models
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedJSONField, StateField
from fangpin.common.handing_in.models import CheckedWorkbook


class ImportState(models.TextChoices):
    RECEIVED = "received", "已收到，待检查"
    CHECKED = "checked", "已检查，待确认"
    APPLIED = "applied", "已导入"
    REFUSED = "refused", "整份退回"


class ImportKind(models.TextChoices):
    REGISTRY = "registry", "户册"
    INCOME = "income", "收入"


class RegistryImportQuerySet(ScopedQuerySet):
    scope_permission = "registry.import"
    scope_path = "division_id"


class RegistryImport(FSMModelMixin, CheckedWorkbook):
    """One registry or income workbook handed in: checked first and shown, then taken in."""

    OPEN = (ImportState.RECEIVED, ImportState.CHECKED)

    kind = models.CharField("内容", max_length=10, choices=ImportKind)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="范围")
    state = StateField("状态", default=ImportState.RECEIVED, choices=ImportState)
    result = models.JSONField("结果", default=dict)

    objects = RegistryImportQuerySet.as_manager()

    class Meta:
        verbose_name = "户册导入"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @transition(
        state, [ImportState.RECEIVED, ImportState.CHECKED], ImportState.CHECKED, permission="registry.import"
    )
    def check_file(self):
        """Read, checked and shown; nothing in the registry has changed yet."""

    @transition(
        state, [ImportState.RECEIVED, ImportState.CHECKED], ImportState.APPLIED, permission="registry.import"
    )
    def apply(self):
        """Taken into the registry."""

    @transition(
        state, [ImportState.RECEIVED, ImportState.CHECKED], ImportState.REFUSED, permission="registry.import"
    )
    def refuse(self):
        """Given back as a whole: unreadable, or a required heading missing."""


class ImportRow(models.Model):
    """A row that was not taken in: set aside or refused, with the original cells to give back."""

    batch = models.ForeignKey(RegistryImport, models.CASCADE, related_name="rows", verbose_name="导入")
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField(
        "处理", max_length=10, choices=[("set_aside", "待核对"), ("refused", "退回"), ("warning", "提示")]
    )
    code = models.CharField("代码", max_length=20)
    message = models.CharField("原因", max_length=300)
    data = EncryptedJSONField("原始内容", null=True)

    class Meta:
        verbose_name = "未导入的行"
        indexes = [models.Index(fields=["batch", "number"], name="import_row")]

    def __str__(self) -> str:
        return f"第 {self.number} 行"
