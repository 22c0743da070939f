"""Filters and forms of applications."""

from django import forms
from django.db.models import QuerySet

from fangpin.common.actor import Actor
from fangpin.common.values.money import yuan
from fangpin.common.web.forms import AmountField
from funding.applications import approvals
from funding.models import Application, ApplicationPaper, ApplicationState, FundSource
from measures.orders.forms import departments


class ApplicationFilter(forms.Form):
    state = forms.ChoiceField(label="状态", required=False)
    department = forms.ChoiceField(label="申请部门", required=False)
    source = forms.ChoiceField(label="资金来源", required=False)
    route = forms.ChoiceField(
        label="渠道", required=False, choices=[("", "全部"), ("R1", "边缘户防贫资金"), ("R2", "扶贫资金")]
    )

    def __init__(self, params, *, user: Actor):
        super().__init__(params)
        self.user = user
        waiting = [("mine", "等我办理")] if approvals.side_of(user) or user.may("fund.file") else []
        self.fields["state"].choices = [("", "没作废的"), *waiting, *ApplicationState.choices]
        if user.acting.department_id:
            del self.fields["department"]
        else:
            self.fields["department"].choices = departments(user.acting.county_code)
        own = FundSource.objects.for_user(user).order_by("-year", "name")
        self.fields["source"].choices = [("", "全部"), *((str(s.uuid), f"{s.year} {s.name}") for s in own)]

    def narrow(self, applications: QuerySet[Application]) -> QuerySet[Application]:
        if not self.is_valid():
            return applications.none()
        chosen = self.cleaned_data
        if chosen["state"] == "mine":
            applications = applications.filter(pk__in=mine(self.user).values("pk"))
        elif chosen["state"]:
            applications = applications.filter(state=chosen["state"])
        else:
            applications = applications.exclude(state=ApplicationState.DISCARDED)
        if chosen.get("department"):
            applications = applications.filter(department__code=chosen["department"])
        if chosen["source"]:
            applications = applications.filter(source__uuid=chosen["source"])
        if chosen["route"]:
            applications = applications.filter(route=chosen["route"])
        return applications


def mine(user: Actor) -> QuerySet[Application]:
    """What waits for this duty: an approval, or a filing."""
    if approvals.side_of(user):
        return approvals.waiting(user).filter(approvals.separate(user))
    waiting = Application.objects.for_user(user).filter(state=ApplicationState.APPROVED, needs_filing=True)
    if not user.may("fund.file"):
        return waiting.none()
    return waiting.filter(approvals.separate(user))


class ApplicationForm(forms.Form):
    title = forms.CharField(label="资金用途", max_length=120, help_text="例如：2020年二季度特殊救助")
    words = forms.CharField(
        label="说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    project_name = forms.CharField(label="项目名称", max_length=120, required=False)
    project_number = forms.CharField(label="项目库编号", max_length=60, required=False)
    publicity = forms.CharField(
        label="公示情况", max_length=200, required=False, help_text="公示的地点、起止日期和有无异议"
    )

    def __init__(self, data=None, *, source: FundSource | None = None, **kwargs):
        super().__init__(data, **kwargs)
        if source is None or not source.is_poverty:
            for name in ("project_name", "project_number", "publicity"):
                del self.fields[name]


class PremiumForm(forms.Form):
    source = forms.ChoiceField(label="资金来源")
    title = forms.CharField(label="用途", max_length=120, initial="防贫保险保费")
    amount = AmountField(label="保费（元）")
    payee = forms.CharField(label="保险公司", max_length=80)
    payee_bank = forms.CharField(label="开户行", max_length=60)
    payee_number = forms.CharField(label="收款账号", max_length=40)
    words = forms.CharField(
        label="保险合同和承保范围", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data=None, *, user: Actor):
        super().__init__(data)
        own = FundSource.objects.for_user(user).open().exclude(kind="poverty").order_by("-year", "name")
        self.sources = {str(each.uuid): each for each in own}
        self.fields["source"].choices = [
            ("", "请选择"),
            *((key, str(each)) for key, each in self.sources.items()),
        ]


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="意见", max_length=200, initial="同意")
    signer = forms.CharField(label="签字人（凭签字的审批表登记时填写）", max_length=40, required=False)


class FilingForm(forms.Form):
    number = forms.CharField(label="备案号", max_length=60)
    signer = forms.CharField(label="签发人", max_length=40)
    signed_on = forms.DateField(
        label="签发日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class ConfirmForm(forms.Form):
    number = forms.CharField(label="签发件上的备案号", max_length=60)
    amount = AmountField(label="签发件上的金额（元）")
    count = forms.IntegerField(label="签发件上的笔数", min_value=1)


class StepForm(forms.Form):
    name = forms.ChoiceField(label="环节")
    signer = forms.CharField(label="签字人", max_length=40)
    signed_on = forms.DateField(
        label="签字日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    document = forms.CharField(label="文号", max_length=80, required=False)

    def __init__(self, data=None, *, names):
        super().__init__(data)
        self.fields["name"].choices = [(name, name) for name in names]


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=ApplicationPaper.Kind.choices)
    title = forms.CharField(label="说明", max_length=80)
    file = forms.FileField(
        label="扫描件",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text="PDF、JPG 或 PNG，不超过 20 MB",
    )


def amounts(data, measures) -> tuple[dict[int, int | None], list[str]]:
    """Measure → fen typed beside it (None: what is left), and the faults in words."""
    fen: dict[int, int | None] = {}
    faults = []
    for measure in measures:
        text = data.get(f"amount-{measure.uuid}", "").strip()
        try:
            fen[measure.pk] = AmountField(required=False).clean(text)
        except forms.ValidationError as error:
            faults.append(f"{measure.household}：{error.messages[0]}")
    return fen, faults


def source_label(source: FundSource, free: int) -> str:
    return f"{source.year} {source.name}（{source.document}），可用 {yuan(free)} 元"
