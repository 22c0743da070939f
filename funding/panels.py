"""What this app puts into the shell, one file a subject: navigation, to-do lines, panels of the household
page."""

from funding.sources import panels as panels_sources  # noqa: F401
