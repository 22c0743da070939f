from contextlib import suppress

from fangpin.common import jobs
from fangpin.common.jobs import Run
from households.models import RegistryImport
from households.quality import reports
from households.registry import imports


@jobs.handler("registry_import")
def registry_import(run: Run) -> dict:
    """Checks a workbook (payload apply=False) or takes it in."""
    batch = RegistryImport.objects.select_related("county").get(pk=run.payload["batch"])
    steps = {"正在读取文件": 1, "正在检查并与户册比对": 2}
    outcome = imports.run(
        batch,
        by=run.by,
        apply=run.payload["apply"],
        progress=lambda label: run.progress(steps[label], 3, label),
    )
    if run.payload["apply"]:
        _check_again(batch.county_id)
    return {"read": outcome.read, "good": outcome.good}


def _check_again(county: str) -> None:
    """The doubts are counted again after an import; a count that is queued already will do."""
    with suppress(jobs.AlreadyRunning):
        reports.start(county, by=None)
