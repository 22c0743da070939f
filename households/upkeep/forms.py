"""Forms of 户册变动: one a kind of change. A full number is asked for, never shown."""

from django import forms
from django.utils import timezone

from fangpin.common import cells
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from households.codelists import ETHNIC_GROUPS, HEALTH, Education, Labour, Relation, Student
from households.forms import AreaFilter
from households.models import ChangeKind, Hamlet, Household, Member
from households.numbers import masked_phone

_BLANK = [("", "请选择")]
_OTHERS = [(value, label) for value, label in Relation.choices if value != Relation.HEAD]
REASONS = {
    ChangeKind.BIRTH: ("出生医学证明", "户口本已登记"),
    ChangeKind.DEATH: ("死亡证明", "户口已注销"),
    ChangeKind.MARRY_IN: ("结婚证", "户口本已登记"),
    ChangeKind.MARRY_OUT: ("结婚证", "户口已迁出"),
}


def _parsed(parse, value, optional: bool = True):
    if optional and not value:
        return ""
    try:
        return parse(value)
    except CellFault as fault:
        raise forms.ValidationError(fault.message) from fault


def _choice(
    label: str, choices, required: bool = False, blank: str = "没有登记", **more
) -> forms.ChoiceField:
    choices = [("", "请选择" if required else blank), *choices]
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=required,
        error_messages={"required": f"请选择{label}。"},
        **more,
    )


class ActForm(forms.Form):
    """What every change says: when, and on what grounds."""

    happened_on = forms.DateField(
        label="变动日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填变动日期。", "invalid": "请按年-月-日填写，例如 2020-03-05。"},
    )
    reason = forms.CharField(
        label="原因或依据",
        max_length=100,
        error_messages={"required": "请写明原因或依据，例如“户口本已变更”。"},
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )
    field_order: list[str] | None = None

    def __init__(self, data=None, *, home: Household, kind: ChangeKind, people: list[Member], person=None):
        initial = {"happened_on": timezone.localdate()}
        super().__init__(data, initial=initial | self.stored(home, person))
        self.home, self.kind, self.people, self.person = home, kind, people, person
        self.reasons = REASONS.get(kind, ("户口本已变更", "本人或家里人提出"))
        self.prepare()
        last = [name for name in ("happened_on", "reason") if name in self.fields]
        self.order_fields([name for name in self.fields if name not in last] + last)

    def stored(self, _home: Household, _person: Member | None) -> dict:
        return {}

    def prepare(self) -> None:
        """Fields that depend on who is in the household."""

    def ask_relations(self, people: list[Member], label: str) -> None:
        for member in people:
            field = _choice(label.format(member.name), _OTHERS, blank="请选择")
            field.label_suffix = ""
            self.fields[f"relation_{member.pk}"] = field

    def ask_head(self, people: list[Member], label: str) -> None:
        self.fields["head"] = forms.TypedChoiceField(
            label=label,
            coerce=int,
            choices=_BLANK + [(m.pk, f"{m.name}（{m.age} 岁）") for m in people],
            error_messages={"required": f"请选定{label}。"},
        )

    @property
    def relations(self) -> dict[int, str]:
        return {
            int(name.removeprefix("relation_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("relation_")
        }

    @property
    def act_arguments(self) -> dict:
        return {"on": self.cleaned_data["happened_on"], "reason": self.cleaned_data["reason"]}


class PersonFields(forms.Form):
    """What is written of a person."""

    name = forms.CharField(label="姓名", max_length=60, error_messages={"required": "请填姓名。"})
    id_number = forms.CharField(
        label="证件号码",
        max_length=30,
        error_messages={"required": "请填证件号码。新生儿请先到派出所登记户口，有了号码再办。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    relation = _choice("与户主关系", Relation.choices, required=True)
    ethnic_group = _choice("民族", [(name, name) for name in ETHNIC_GROUPS])
    education = _choice("文化程度", Education.choices)
    student = _choice("在校生状况", Student.choices, blank="不在校")
    health = forms.MultipleChoiceField(
        label="健康状况",
        choices=[(word, word) for word in HEALTH],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    labour = _choice("劳动技能", Labour.choices)
    work_months = forms.IntegerField(
        label="今年务工（月）",
        min_value=0,
        max_value=12,
        required=False,
        error_messages={
            "min_value": "务工月数不能小于 0。",
            "max_value": "一年最多 12 个月。",
            "invalid": "请填 0 至 12 的整数。",
        },
    )
    phone = forms.CharField(label="联系电话", max_length=30, required=False)

    def clean_name(self) -> str:
        return _parsed(cells.name, self.cleaned_data["name"], optional=False)

    def clean_id_number(self) -> str:
        return _parsed(idnumbers.parse, self.cleaned_data["id_number"])

    def clean_phone(self) -> str:
        return _parsed(cells.phone, self.cleaned_data["phone"])

    def clean_health(self) -> str:
        chosen = self.cleaned_data["health"]
        if HEALTH[0] in chosen and len(chosen) > 1:
            raise forms.ValidationError("选了“健康”就不能再选疾病或残疾，请只留一种说法。")
        return ",".join(chosen)

    @property
    def values(self) -> dict:
        return {
            name: self.cleaned_data[name] for name in PersonFields.base_fields if name in self.cleaned_data
        }


class ComingForm(PersonFields, ActForm):
    from_other = forms.BooleanField(label="同时从原来的户转出", required=False, widget=forms.HiddenInput)

    def offer_from_other(self) -> None:
        self.fields["from_other"].widget = forms.CheckboxInput()

    def prepare(self) -> None:
        if self.data.get("from_other"):
            self.offer_from_other()
        if self.kind == ChangeKind.BIRTH:
            self.fields["relation"].choices = _BLANK + _OTHERS
            for name in ("education", "labour", "work_months", "phone", "student"):
                del self.fields[name]


class GoingForm(ActForm):
    def prepare(self) -> None:
        staying = [member for member in self.people if member.pk != self.person.pk]
        if self.person.is_head and staying:
            self.ask_head(staying, "新户主")
            self.ask_relations(staying, "{}与新户主关系")


class ReturnForm(ActForm):
    relation = _choice("与户主关系", Relation.choices, required=True)


class HeadForm(ActForm):
    def prepare(self) -> None:
        self.ask_head([member for member in self.people if not member.is_head], "新户主")
        self.ask_relations(self.people, "{}与新户主关系")


class SplitForm(ActForm):
    number = forms.CharField(
        label="新户编号", max_length=40, required=False, help_text="没有全国系统编号的留空，由系统编号"
    )
    hamlet = forms.CharField(label="自然屯", max_length=60, required=False, help_text="与原户同屯的留空")

    def prepare(self) -> None:
        staying_head = [member for member in self.people if not member.is_head]
        self.fields["leaving"] = forms.TypedMultipleChoiceField(
            label="分出去的人",
            coerce=int,
            choices=[(m.pk, f"{m.name}（{m.get_relation_display()}，{m.age} 岁）") for m in staying_head],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "请勾选分出去的人。"},
            help_text="户主留在原户；户主要分出去的，请先办理户主变更",
        )
        self.ask_head(staying_head, "新户的户主")
        self.ask_relations(staying_head, "{}与新户主关系")
        self.order_fields(["leaving", "head", *[n for n in self.fields if n.startswith("relation_")]])


class MergeForm(ActForm):
    target = forms.CharField(
        label="并入哪一户",
        max_length=40,
        error_messages={"required": "请填要并入的那户的户编号。"},
        help_text="填那户的户编号，或户里任何一人的完整证件号码",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def prepare(self) -> None:
        self.ask_relations(self.people, "{}与那户户主关系")


class CorrectPersonForm(PersonFields, ActForm):
    no_phone = forms.BooleanField(label="没有电话（清空登记的号码）", required=False)

    def stored(self, _home, person) -> dict:
        values = {
            name: getattr(person, name)
            for name in PersonFields.base_fields
            if name not in ("id_number", "phone")
        }
        return values | {"health": person.health.split(",") if person.health else []}

    def prepare(self) -> None:
        number, phone = self.fields["id_number"], self.fields["phone"]
        number.required = False
        number.help_text = f"登记的是 {self.person.masked_id}，不改的留空"
        phone.help_text = _phone_help(self.person.phone)
        if self.person.is_head:
            del self.fields["relation"]
        else:
            self.fields["relation"].choices = _BLANK + _OTHERS
        self.order_fields([*PersonFields.base_fields, "no_phone"])

    @property
    def values(self) -> dict:
        return _without_blank_phone(super().values, self.cleaned_data["no_phone"])


class CorrectHouseholdForm(ActForm):
    hamlet = forms.CharField(
        label="自然屯",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "hamlets", "autocomplete": "off"}),
    )
    housing_grade = _choice("住房等级", [(grade, f"{grade} 级") for grade in "ABCD"])
    water_secured = forms.TypedChoiceField(
        label="安全饮用水",
        choices=[("", "没有登记"), ("true", "已解决"), ("false", "未解决")],
        coerce=lambda value: value == "true",
        empty_value=None,
        required=False,
    )
    phone = forms.CharField(label="户联系电话", max_length=30, required=False)
    no_phone = forms.BooleanField(label="没有电话（清空登记的号码）", required=False)

    def stored(self, home, _person) -> dict:
        water = {True: "true", False: "false"}.get(home.water_secured, "")
        hamlet = home.hamlet.name if home.hamlet else ""
        return {"hamlet": hamlet, "housing_grade": home.housing_grade, "water_secured": water}

    def prepare(self) -> None:
        self.fields["phone"].help_text = _phone_help(self.home.phone)
        self.hamlets = list(
            Hamlet.objects.filter(village=self.home.village_id)
            .order_by("name")
            .values_list("name", flat=True)
        )
        grade = self.home.housing_grade
        if grade and grade not in dict(self.fields["housing_grade"].choices):
            self.fields["housing_grade"].choices += [(grade, grade)]

    def clean_hamlet(self) -> str:
        return _parsed(cells.text, self.cleaned_data["hamlet"])

    def clean_phone(self) -> str:
        return _parsed(cells.phone, self.cleaned_data["phone"])

    @property
    def values(self) -> dict:
        names = ("hamlet", "housing_grade", "water_secured", "phone")
        return _without_blank_phone(
            {name: self.cleaned_data[name] for name in names}, self.cleaned_data["no_phone"]
        )


def _phone_help(phone: str | None) -> str:
    return f"登记的是 {masked_phone(phone)}，不改的留空" if phone else "还没有登记"


def _without_blank_phone(values: dict, none: bool) -> dict:
    """A blank telephone is left as it is, unless there is none."""
    if none:
        return values | {"phone": ""}
    return {name: value for name, value in values.items() if name != "phone" or value}


FORMS = {
    ChangeKind.BIRTH: ComingForm,
    ChangeKind.MARRY_IN: ComingForm,
    ChangeKind.MOVE_IN: ComingForm,
    ChangeKind.DEATH: GoingForm,
    ChangeKind.MARRY_OUT: GoingForm,
    ChangeKind.MOVE_OUT: GoingForm,
    ChangeKind.RETURN: ReturnForm,
    ChangeKind.HEAD: HeadForm,
    ChangeKind.SPLIT: SplitForm,
    ChangeKind.MERGE: MergeForm,
    ChangeKind.MEMBER: CorrectPersonForm,
    ChangeKind.HOUSEHOLD: CorrectHouseholdForm,
}


class ChangeFilter(AreaFilter):
    kind = forms.ChoiceField(label="变动", choices=[("", "全部"), *ChangeKind.choices], required=False)
    since = forms.DateField(
        label="办理日期从", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
