"""The catalogue's first rows: the regulation's measures and the general policies beside it (Art. 5, 6, 8).
Amounts that no text names are left open: a county sets its standard. Kept as data; the rows in the database
are what holds."""

from measures.catalogue.first_rows import guarantees, income

ROWS = (*income.ROWS, *guarantees.ROWS)
BY_CODE = {row.code: row for row in ROWS}
