"""What meetings put into the shell: navigation."""

from fangpin.accounts import shell

shell.navigation(
    shell.NavigationItem("排查", 50, "审定会议", "screening:meeting-list", "bank", "meeting.view")
)
