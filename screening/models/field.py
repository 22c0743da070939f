import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedJSONField, StateField
from households.models import Hamlet, Household, Member
from screening.models.rounds import Round


class Answer(models.TextChoices):
    """The fact of a situation, and whether the household can bear it: both halves of Art. 7(1)."""

    CANNOT_BEAR = "cannot_bear", "属实，家里扛不住"
    COPES = "copes", "属实，自己能解决"
    UNTRUE = "untrue", "不属实"
    UNCLEAR = "unclear", "一时查不清"


class Bear(models.TextChoices):
    """家里自己扛得住吗？ asked of every ticked option; only the first is the second half of Art. 7(1)."""

    CANNOT = "cannot", "扛不住"
    TIGHT = "tight", "紧是紧，能扛"
    SOLVES = "solves", "能解决"

    @property
    def answer(self) -> Answer:
        return Answer.CANNOT_BEAR if self == Bear.CANNOT else Answer.COPES


class EntryState(models.TextChoices):
    RECEIVED = "received", "已收到"
    ATTENTION = "attention", "待人工处理"
    SETTLED = "settled", "已处理"


class EntryQuerySet(ScopedQuerySet):
    scope_permission = "field.view"
    scope_path = "village_id"


class FieldEntry(FSMModelMixin, models.Model):
    """入户排查记录: what was seen and said at a household with something (Art. 7(2)1).

    `uuid` is made by the client, so that the same entry sent again is known; `digest` is of its content: the
    same uuid with another content is refused. An entry that cannot take effect (round submitted, household
    not found) is kept for a person.
    """

    class Way(models.TextChoices):
        VISIT = "visit", "入户"
        PHONE = "phone", "打电话"
        VIDEO = "video", "视频"
        NEIGHBOUR = "neighbour", "问邻居、亲属"

    class Source(models.TextChoices):
        CADRE = "cadre", "干部发现"
        HOUSEHOLD = "household", "农户自己提出"
        HOTLINE = "hotline", "12317 来电"
        LETTER = "letter", "来信来访"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    digest = models.CharField("内容校验码", max_length=64)
    round = models.ForeignKey(Round, models.PROTECT, related_name="entries", verbose_name="季度排查")
    village = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="行政村")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="entries", verbose_name="农户"
    )
    # A household that the registry has not yet: name of the head, hamlet, people, words. Never raises a lead
    # itself.
    newcomer = EncryptedJSONField("新发现的户", null=True)
    # Somebody else's entry of the same household that its writer had not seen: both are set before a person.
    beside = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="rivals", verbose_name="另一份记录"
    )
    state = StateField("状态", default=EntryState.RECEIVED, choices=EntryState)
    attention = models.CharField("待处理原因", max_length=120, blank=True, db_default="")
    visited_on = models.DateField("排查日期")
    way = models.CharField("方式", max_length=10, choices=Way)
    spoken_with = models.CharField("和谁谈的", max_length=60, blank=True, db_default="")
    hamlet_head = models.CharField("一起去的屯（组）长", max_length=40, blank=True, db_default="")
    visitors = models.CharField("入户人", max_length=120)
    source = models.CharField("怎么发现的", max_length=10, choices=Source)
    is_kin = models.BooleanField("与本人有亲属关系", default=False)
    nothing_found = models.BooleanField("未发现风险", default=False)
    answers = models.JSONField(
        "六个方面的回答", default=dict, help_text="criterion → no, yes or unclear; not asked: absent"
    )
    extras = models.JSONField("补充", default=dict, help_text="criterion → what was told beside its options")
    words = models.TextField("说明", blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人")
    # Who put right what `by` had sent, before it was taken; he neither lists the household nor signs for it.
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="改正人"
    )
    typed_for_others = models.BooleanField("代录", default=False)
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    # The answer to the sender; whoever sends it again gets the same.
    reply = models.CharField("答复", max_length=300, blank=True, db_default="")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "入户排查记录"
        indexes = [models.Index(fields=["round", "household"], name="entry_round_household")]
        constraints = [
            models.CheckConstraint(
                condition=Q(household__isnull=False) | Q(newcomer__isnull=False) | Q(state="attention"),
                name="entry_of_a_household",
                violation_error_message="记录须说明是哪一户。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.visitors}"

    @property
    def visit_words(self) -> str:
        """入户 3月11日 蓝桂芳（屯长 韦某，改正后采用）"""
        parts = (
            f"屯长 {self.hamlet_head}" * bool(self.hamlet_head),
            "改正后采用" * bool(self.corrected_by_id),
        )
        beside = "，".join(filter(None, parts))
        head = f"（{beside}）" if beside else ""
        return (
            f"{self.get_way_display()} {self.visited_on.month}月{self.visited_on.day}日 {self.visitors}{head}"
        )

    @transition(state, EntryState.ATTENTION, EntryState.SETTLED, permission="field.settle")
    def deal_with(self):
        """A person has dealt with an entry that could not take effect by itself."""


class EntryRisk(models.Model):
    """One situation ticked at the door, with the four-way answer and what was said of it."""

    entry = models.ForeignKey(FieldEntry, models.CASCADE, related_name="risks", verbose_name="入户排查记录")
    option = models.CharField("选项", max_length=60, help_text="code of the questionnaire's option")
    subcriterion = models.CharField(
        "风险情形",
        max_length=40,
        blank=True,
        db_default="",
        help_text="blank: noted, no situation of Art. 7(1)",
    )
    answer = models.CharField("回答", max_length=12, choices=Answer)
    bear = models.CharField("家里扛得住吗", max_length=8, choices=Bear, blank=True, db_default="")
    amount = models.BigIntegerField("大约金额（分）", null=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="谁")
    details = models.JSONField(
        "细节", default=dict, help_text="what else was asked of the option: ask → answer"
    )
    words = models.CharField("情况", max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = "入户排查情形"
        constraints = [models.UniqueConstraint(fields=["entry", "option"], name="entry_option_once")]

    def __str__(self) -> str:
        return self.option


class IncomeEstimate(models.Model):
    """收入测算: a short sum at the door or at verification, fen a year; the latest of a round counts."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="estimates", verbose_name="季度排查")
    household = models.ForeignKey(Household, models.PROTECT, related_name="estimates", verbose_name="农户")
    entry = models.ForeignKey(
        FieldEntry, models.PROTECT, null=True, related_name="estimates", verbose_name="入户排查记录"
    )
    wages = models.BigIntegerField("打工工资", default=0)
    business = models.BigIntegerField("种养和做生意收入", default=0)
    costs = models.BigIntegerField("成本", default=0)
    property_income = models.BigIntegerField("租金分红", default=0)
    transfers = models.BigIntegerField("低保养老金补贴", default=0)
    heads = models.PositiveSmallIntegerField("一起生活几口人")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="测算人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "收入测算"
        indexes = [models.Index(fields=["round", "household", "id"], name="estimate_round_household")]
        constraints = [
            models.CheckConstraint(
                condition=Q(heads__gte=1),
                name="estimate_has_heads",
                violation_error_message="一起生活的人口至少 1 人。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.heads} 人"


class SignOffQuerySet(ScopedQuerySet):
    scope_permission = "field.view"
    scope_path = "hamlet__village_id"


class HamletSignOff(models.Model):
    """本屯排查确认: the hamlet gone through with its head; beyond the entries nothing was found."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    digest = models.CharField("内容校验码", max_length=64)
    round = models.ForeignKey(Round, models.PROTECT, related_name="sign_offs", verbose_name="季度排查")
    hamlet = models.ForeignKey(Hamlet, models.PROTECT, related_name="sign_offs", verbose_name="屯（组）")
    on = models.DateField("排查日期")
    hamlet_head = models.CharField("屯（组）长", max_length=40)
    participants = models.CharField("参加人", max_length=200)
    words = models.CharField("说明", max_length=300, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人")
    at = models.DateTimeField("收到时间", default=timezone.now)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = "本屯排查确认"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "hamlet"],
                name="sign_off_once_a_round",
                violation_error_message="这个屯本季度已经确认。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hamlet} {self.on}"


class HamletNote(models.Model):
    """全屯都这样: one note of a hamlet in a round, instead of an entry for each of its households."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="hamlet_notes", verbose_name="季度排查")
    hamlet = models.ForeignKey(Hamlet, models.PROTECT, related_name="notes", verbose_name="屯（组）")
    criterion = models.CharField("方面", max_length=20)
    entry = models.ForeignKey(
        FieldEntry, models.PROTECT, related_name="hamlet_notes", verbose_name="入户排查记录"
    )
    words = models.CharField("情况", max_length=300)

    class Meta:
        verbose_name = "全屯情况"
        constraints = [
            models.UniqueConstraint(fields=["round", "hamlet", "criterion"], name="hamlet_note_once_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.hamlet} {self.criterion}"
