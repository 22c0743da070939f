"""Places and the departments of a county."""

from typing import Self

from django.db import models

from fangpin.accounts.places.codes import code_range
from fangpin.common.actor import Actor

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


class DivisionQuerySet(models.QuerySet["Division"]):
    def within(self, division: "Division") -> Self:
        low, high = code_range(division.pk)
        return self.filter(code__gte=low, code__lte=high)

    def for_user(self, user: Actor) -> Self:
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

    @property
    def place(self) -> str:
        """A village with its township: names of villages repeat. Fetch `parent` with it."""
        if self.level == Level.VILLAGE and self.parent is not None:
            return f"{self.parent.short_name} {self.short_name}"
        return self.short_name


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


class HelpLine(models.Model):
    """登录页上的联系方式: whom people of a county ring who can't sign in. Everybody may read it."""

    county = models.OneToOneField(Division, models.PROTECT, related_name="help_line", verbose_name="县")
    words = models.CharField("联系方式", max_length=80)

    class Meta:
        verbose_name = "登录页联系方式"

    def __str__(self) -> str:
        return f"{self.county.short_name}：{self.words}"


# The level below, and how many digits of a code tell its places apart.
BELOW = {
    Level.REGION: (Level.CITY, 4),
    Level.CITY: (Level.COUNTY, 6),
    Level.COUNTY: (Level.TOWNSHIP, 9),
    Level.TOWNSHIP: (Level.VILLAGE, 12),
    Level.VILLAGE: (Level.VILLAGE, 12),
}
