"""Navigation and to-do lines of sources, reports and closing."""
