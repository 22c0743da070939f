"""Workbooks that are handed in: kept sealed, read, shown, confirmed once, faulty rows given back (ADR 3)."""
