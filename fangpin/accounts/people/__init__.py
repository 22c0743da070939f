"""Users and duties: what the system administrator does. Nothing here knows a household."""
