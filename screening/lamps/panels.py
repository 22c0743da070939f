"""What the lamps put into the shell: navigation."""

from fangpin.accounts import shell

shell.navigation(
    shell.NavigationItem("帮扶", 20, "亮灯情况", "screening:lamp-board", "lightbulb", "lamp.view")
)
