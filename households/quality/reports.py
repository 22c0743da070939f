"""Counting: every check over a whole county, one statement each, kept with the time it was made."""

import datetime
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Substr
from django.utils import timezone

from fangpin.accounts.models import Division, Level
from fangpin.common import jobs
from fangpin.common.actor import Actor
from fangpin.common.jobs import JobFailed, Run
from fangpin.common.models import Job
from households import quality
from households.models import QualityReport
from households.quality import Check

KIND = "registry_quality"


def counts(check: Check, area: str, day: datetime.date) -> dict[str, int]:
    """Doubts of an area by township (9 digits); one statement."""
    rows = quality.doubts(check, quality.base_of_area(check, area), day)
    by_township = rows.annotate(township=Substr(check.village_path, 1, 9)).order_by().values("township")
    return {row["township"]: row["times"] for row in by_township.annotate(times=Count("pk"))}


def make_report(county: Division, progress: Callable[[int, int, str], None] | None = None) -> QualityReport:
    """Runs every check over `county` and keeps the counts."""
    started, day, counted = time.monotonic(), timezone.localdate(), {}
    every = quality.checks()
    for position, check in enumerate(every):
        if progress:
            progress(position, len(every), f"正在检查：{check.title}")
        counted[check.code] = counts(check, county.pk, day)
    report, _ = QualityReport.objects.update_or_create(
        county=county,
        defaults={"counts": counted, "made_at": timezone.now(), "seconds": time.monotonic() - started},
    )
    return report


@jobs.handler(KIND)
def make(run: Run) -> dict[str, Any]:
    county = Division.objects.get(pk=run.payload["county"])
    if run.by is not None and not (run.by.may("registry.quality") and run.by.duty.county_code == county.pk):
        raise JobFailed("您当前的岗位不能检查这个县的户册。")
    report = make_report(county, run.progress)
    return {"doubts": sum(sum(of_check.values()) for of_check in report.counts.values())}


def start(county: str, *, by: Actor) -> Job:
    """Queues a report. Raises AlreadyRunning."""
    return jobs.enqueue(KIND, county, by=by, county=county)


def refresh(check: Check, area: str) -> None:
    """Counts one check of one area again, after an act that settles some of it; nothing where no report was
    made."""
    with transaction.atomic():
        report = QualityReport.objects.select_for_update().filter(county=f"{area[:6]}000000").first()
        if report is None:
            return
        townships = report.counts.get(check.code, {})
        # A village's act counts its township; a county has no single one, and counts all.
        area = f"{area[:9]}000"
        fresh = counts(check, area, timezone.localdate())
        kept = {} if area.endswith("000000") else {k: v for k, v in townships.items() if k != area[:9]}
        report.counts[check.code] = kept | fresh
        report.save(update_fields=["counts"])


class Summary:
    """The report of the acting duty's area: how many doubts each check has there."""

    def __init__(self, user: Actor):
        self.division = user.duty.division
        self.report = QualityReport.objects.filter(county=user.duty.county_code).first()

    def __bool__(self) -> bool:
        return self.report is not None

    def number(self, check: Check) -> int:
        townships = self.report.counts.get(check.code, {}) if self.report else {}
        if self.division.level == Level.TOWNSHIP:
            return townships.get(self.division.pk[:9], 0)
        return sum(townships.values())

    @property
    def total(self) -> int:
        return sum(self.number(check) for check in quality.checks())

    @property
    def refused(self) -> int:
        return sum(
            self.number(check) for check in quality.checks() if check.severity == quality.Severity.REFUSED
        )
