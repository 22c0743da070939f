"""The cells that say whom a row is about, which most lists share."""

from fangpin.common import cells
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import Column
from screening.criteria.base import Cell, Identity

# Rows are matched by the number; the name is compared with the registry's.
PERSON = Identity(id_number="id_number", name="name")


def name_cell(*synonyms: str, heading: str = "姓名") -> Cell:
    """The name, under the usual heading or one of the department's `synonyms`."""
    return Cell("name", Column(heading, required=True, synonyms=synonyms), cells.name, "")


def person_cells(*synonyms: str, numbers: tuple[str, ...] = (), of_head: bool = False) -> tuple[Cell, Cell]:
    """Name and ID number of a person, or of the head of a household; `synonyms` are further headings of the
    name, `numbers` of the ID number."""
    whose = "户主" if of_head else ""
    number = Column(f"{whose}身份证号码", required=True, kind="id", synonyms=numbers)
    return name_cell(*synonyms, heading=f"{whose}姓名"), Cell("id_number", number, idnumbers.parse)
