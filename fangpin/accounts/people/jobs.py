from fangpin.accounts.models import UserList
from fangpin.accounts.people import workbooks
from fangpin.common import jobs
from fangpin.common.jobs import Run


@jobs.handler("user_list")
def user_list(run: Run) -> dict:
    """Checks a workbook of the administrator (payload apply=False) or carries it out."""
    sent = UserList.objects.select_related("division").get(pk=run.payload["list"])
    result = workbooks.run(
        sent,
        by=run.by,
        apply=run.payload["apply"],
        progress=lambda done, total: run.progress(done, total, "正在办理名单"),
    )
    return {"read": len(result.answers)}
