"""The guard before .xls sees the same workbook that the parser opens, and ends on any file."""

import struct

import pytest

from fangpin.common.workbooks.faults import UnreadableFile
from fangpin.common.workbooks.ole import check_ole
from tests.common.workbooks import files

NEAR = files.biff([(0, 0, "x")])
FAR = files.biff([(0, 0, "x"), (5, 255, "x")])
SECTOR = 512


def with_root_child(content: bytes, child: int) -> bytes:
    """The tree of the directory begins at entry `child`; the entries before it hang nowhere."""
    changed = bytearray(content)
    (directory,) = struct.unpack_from("<I", content, 48)
    struct.pack_into("<I", changed, (directory + 1) * SECTOR + 76, child)
    return bytes(changed)


def with_circle(content: bytes) -> bytes:
    """The list of table sectors goes on in a sector that names itself as the next."""
    last = len(content) // SECTOR - 1
    changed = bytearray(content) + struct.pack("<128I", *([0] * 127 + [last]))
    struct.pack_into("<I", changed, 44, 0xFFFFFF00)
    struct.pack_into("<II", changed, 68, last, 0xFFFFFF00 // 127)
    return bytes(changed)


@pytest.mark.parametrize(
    "content",
    [
        with_root_child(files.ole([("Workbook", FAR), ("Workbook", NEAR)]), 2),
        files.ole([("WORKBOOK", NEAR), ("Workbook", FAR)]),
    ],
    ids=["outside the tree", "other letters"],
)
def test_workbook_that_only_the_parser_would_open_is_checked(content):
    with pytest.raises(UnreadableFile, match="200 列"):
        check_ole(content)


def test_table_in_a_circle_ends():
    content = with_circle(files.ole([("Workbook", NEAR)]))
    assert check_ole(content) is None
