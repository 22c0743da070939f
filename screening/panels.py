"""Places of the screening in the navigation; panels and to-do lines register in their stages."""

from fangpin.accounts import badge, shell

shell.navigation(shell.NavigationItem("", 0, "待办", "home", "list-check", None, badge.badge, badge.overdue))
shell.navigation(
    shell.NavigationItem("排查", 10, "季度排查", "screening:round-list", "calendar-check", "round.view")
)
shell.navigation(
    shell.NavigationItem(
        "排查", 20, "部门数据", "screening:feed-list", "file-earmark-spreadsheet", "feed.view"
    )
)
shell.navigation(
    shell.NavigationItem("排查", 30, "风险线索", "screening:lead-list", "exclamation-circle", "lead.view")
)
shell.navigation(
    shell.NavigationItem("排查", 40, "核实", "screening:verification-list", "check-circle", "candidate.view")
)
shell.navigation(
    shell.NavigationItem("排查", 45, "部门查询", "screening:inquiry-list", "search", "inquiry.view")
)
