"""Navigation and to-do lines of applications."""
