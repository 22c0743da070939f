"""What meetings, cases and lamps put into the shell: navigation, and their place on the household page."""

from fangpin.accounts import shell
from screening import todo_meetings  # noqa: F401  registers lines of home

shell.navigation(
    shell.NavigationItem("排查", 50, "审定会议", "screening:meeting-list", "bank", "meeting.view")
)
