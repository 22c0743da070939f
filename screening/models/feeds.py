from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Case, F, FilteredRelation, Q, Value, When
from django.db.models.functions import Coalesce
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Department, Division, Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedJSONField, KeyedIndexField, StateField
from fangpin.common.handing_in.models import CheckedWorkbook
from households.models import Household, Member
from screening.models.rounds import Round


class FeedState(models.TextChoices):
    RECEIVED = "received", "已收到，待检查"
    ASKED = "asked", "待对应列名"
    CHECKED = "checked", "已检查，待确认报送"
    MATCHED = "matched", "已报送"
    REFUSED = "refused", "整份退回"
    SUPERSEDED = "superseded", "已被新数据替换"
    DISCARDED = "discarded", "已撤回"


class FeedQuerySet(ScopedQuerySet):
    scope_permission = "feed.view"
    scope_path = "round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        """The county's feeds; a department officer's own department's."""
        feeds = self.filter(round__county_id=duty.county_code)
        return feeds.filter(department_id=duty.department_id) if duty.department_id else feeds


class Feed(FSMModelMixin, CheckedWorkbook):
    """部门数据: one list of one kind that a department brings for a round.

    While it is pending its file is kept (`stored_name`), with its first rows (`sample`), so that its headings
    may be mapped on the page and the same file read again.
    """

    PENDING = (FeedState.RECEIVED, FeedState.ASKED, FeedState.CHECKED)

    round = models.ForeignKey(Round, models.PROTECT, related_name="feeds", verbose_name="季度排查")
    kind = models.CharField("种类", max_length=30)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="部门")
    state = StateField("状态", default=FeedState.RECEIVED, choices=FeedState)
    unknown_headings = models.JSONField("未识别的表头", default=list)
    # What only the department knows: {"missing": [our heading], "doubled": {our heading: [its
    # words]}}.
    ask = models.JSONField("待对应的列", default=dict, db_default=Value({}, models.JSONField()))
    recalled = models.JSONField("按记忆读取的列", default=dict, db_default=Value({}, models.JSONField()))
    sample = EncryptedJSONField("前几行", null=True)
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="补改的是哪一份"
    )
    warnings = models.JSONField("提示", default=list)
    rows_read = models.PositiveIntegerField("读到行数", default=0)
    rows_matched = models.PositiveIntegerField("已比中", default=0)
    rows_set_aside = models.PositiveIntegerField("待核对", default=0)
    rows_refused = models.PositiveIntegerField("退回", default=0)
    on_behalf = models.BooleanField("代传", default=False)
    matched_at = models.DateTimeField("报送时间", null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = "部门数据"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind", "department"],
                condition=Q(state="matched"),
                name="feed_one_accepted_a_department",
                violation_error_message="这个部门的这份数据刚刚已报送，请刷新后再试。",
            ),
            models.UniqueConstraint(
                fields=["round", "kind", "department"],
                condition=Q(state__in=["asked", "checked"]),
                name="feed_one_waiting_a_department",
                violation_error_message="这个部门的这份数据刚刚又上传了一份，请刷新后再试。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.file_name}"

    @transition(state, FeedState.RECEIVED, FeedState.CHECKED, permission="feed.deliver")
    def check_file(self) -> None:
        """Read, matched and shown; no rule sees it yet."""

    @transition(state, FeedState.RECEIVED, FeedState.ASKED, permission="feed.deliver")
    def ask_headings(self) -> None:
        """A required column was not found, or an amount has two: the department says which is which."""

    @transition(
        state,
        [FeedState.ASKED, FeedState.CHECKED],
        FeedState.RECEIVED,
        permission="feed.deliver",
        custom={"holds": ~Q(stored_name=""), "unmet": "这份文件已经不在了，请重新上传。"},
    )
    def map_headings(self) -> None:
        """The department has said it: the same file is read again."""

    @transition(
        state,
        [FeedState.RECEIVED, FeedState.ASKED, FeedState.CHECKED],
        FeedState.DISCARDED,
        permission="feed.deliver",
    )
    def discard(self) -> None:
        """撤回: withdrawn before it was delivered, or a newer one came."""

    @transition(state, FeedState.RECEIVED, FeedState.REFUSED, permission="feed.deliver")
    def refuse(self) -> None:
        """Given back as a whole: unreadable, or a required heading missing."""

    @transition(
        state,
        FeedState.CHECKED,
        FeedState.MATCHED,
        permission="feed.deliver",
        custom={
            "holds": Q(round__state__in=Round.ACCEPTS_LISTS),
            "unmet": "本季度排查已提请审定，不能再报送数据；请留到下一季度。",
            "stamps": ["matched_at"],
        },
    )
    def accept(self) -> None:
        """Delivered: from now on the rules read it."""

    @transition(state, FeedState.MATCHED, FeedState.SUPERSEDED, permission="feed.deliver")
    def supersede(self) -> None:
        """Replaced by a newer list of the same round, kind and department."""


class RowStatus(models.TextChoices):
    MATCHED = "matched", "已比中"
    SET_ASIDE = "set_aside", "待核对"
    REFUSED = "refused", "退回"


class FeedRowQuerySet(ScopedQuerySet):
    scope_permission = "feed.view"
    scope_path = "feed__round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(feed__in=Feed.objects.all().in_scope(duty))

    def live(self, round: Round, kind: str) -> Self:
        """Matched rows of the accepted lists of a kind: what a rule reads.

        The lists are looked up first: with their ids in its hand the planner knows how many rows to expect.
        """
        feeds = Feed.objects.filter(round=round, kind=kind, state=FeedState.MATCHED).values_list(
            "pk", flat=True
        )
        return self.filter(feed_id__in=[0, *feeds], status=RowStatus.MATCHED)

    def of_areas_around(self, households: Iterable[int]) -> Self:
        """Matched rows of whole hamlets and villages, once for each of the few `households` that lie in them,
        as `home`."""
        lies_in = {"division__households__in": households, "division__households__size__gt": 0}
        same_hamlet = Q(hamlet="") | Q(hamlet=F("division__households__hamlet__name"))
        rows = self.filter(same_hamlet, status=RowStatus.MATCHED, household=None, **lies_in)
        return rows.annotate(home=F("division__households"))

    def with_homes(self) -> Self:
        """Each row once for every household it is about, as `home`: the one it names, or all of its hamlet or
        village as the registry has them today. Two joins, each for the rows of its own sort, keep it at the
        size of the answer.
        """
        # Compared as keys, not as conditions: then a row that names its household meets none of its
        # neighbours.
        whole_village = Case(When(household=None, hamlet="", then=F("division_id")))
        whole_hamlet = Case(When(household=None, then=F("hamlet")))
        return self.annotate(
            village_home=FilteredRelation(
                "division__households",
                condition=Q(division__households__village_id=whole_village, division__households__size__gt=0),
            ),
            named_hamlet=FilteredRelation(
                "division__hamlets", condition=Q(division__hamlets__name=whole_hamlet)
            ),
            hamlet_home=FilteredRelation(
                "named_hamlet__households", condition=Q(named_hamlet__households__size__gt=0)
            ),
        ).annotate(home=Coalesce("household_id", "village_home__id", "hamlet_home__id"))


class FeedRow(models.Model):
    """One row of a list. All kinds share the table: a criterion's file turns the cells into these columns
    once, at reading; SQL then does only window, age, sum and threshold.

    Its keys are checked where rows are matched, not by the database: the table is written in bulk by one
    function, nothing points at it, and it may be partitioned by county.
    """

    feed = models.ForeignKey(
        Feed,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="rows",
        verbose_name="部门数据",
    )
    row_no = models.PositiveIntegerField("行号")
    status = models.CharField("处理", max_length=10, choices=RowStatus)
    code = models.CharField("代码", max_length=20, blank=True, db_default="")
    message = models.CharField("原因", max_length=300, blank=True, db_default="")
    person_index = KeyedIndexField(null=True)
    member = models.ForeignKey(
        Member, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    household = models.ForeignKey(
        Household, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="feed_rows"
    )
    division = models.ForeignKey(
        Division, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    hamlet = models.CharField("自然屯", max_length=60, blank=True, db_default="")
    on_date = models.DateField("日期", null=True)
    until_date = models.DateField("截止日期", null=True)
    amount = models.BigIntegerField("金额（分）", null=True)
    months = models.SmallIntegerField("月数", null=True)
    qualifies = models.BooleanField("符合规则前提", db_default=False)
    reason = models.CharField("不符合的原因", max_length=60, blank=True, db_default="")
    word = models.CharField("情形", max_length=60, blank=True, db_default="")
    data = EncryptedJSONField("原始内容")

    objects = FeedRowQuerySet.as_manager()

    class Meta:
        verbose_name = "部门数据行"
        constraints = [models.UniqueConstraint(fields=["feed", "row_no"], name="feed_row_once")]
        indexes = [
            models.Index(fields=["household"], name="feed_row_household"),
            models.Index(fields=["feed", "row_no"], condition=~Q(status="matched"), name="feed_row_open"),
        ]

    def __str__(self) -> str:
        return f"第 {self.row_no} 行"
