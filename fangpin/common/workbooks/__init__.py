"""Reading and writing of workbooks and CSV files."""

from fangpin.common.workbooks.columns import Column
from fangpin.common.workbooks.faults import MissingHeadings, UnreadableFile
from fangpin.common.workbooks.reading import Table, read_chunks, read_table

__all__ = ["Column", "MissingHeadings", "Table", "UnreadableFile", "read_chunks", "read_table"]
