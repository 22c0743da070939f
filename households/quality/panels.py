"""Where the doubts of the registry stand in the shell: navigation and the to-do page."""

from django.urls import reverse

from fangpin.accounts import shell
from households.quality.reports import Summary

shell.navigation(
    shell.NavigationItem(
        "数据", 32, "户册疑点", "households:quality-list", "clipboard-check", "registry.quality"
    )
)


@shell.todo
def doubts(user) -> list[shell.TodoLine]:
    """For those who mend: how many places the last check found in their area."""
    if not user.may("registry.upkeep"):
        return []
    summary = Summary(user)
    if not summary or not (total := summary.total):
        return []
    refused = f"，其中全国系统不接收的 {summary.refused:,} 处" if summary.refused else ""
    return [
        shell.TodoLine(
            what="户册疑点",
            about=f"{total:,} 处{refused}",
            url=reverse("households:quality-list"),
            action="查看",
            source=f"{summary.report.made_at:%Y-%m-%d} 检查",
        )
    ]
