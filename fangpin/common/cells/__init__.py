"""Parsing of one cell, as a workbook or a CSV file gives it. Pure functions, no row and no column known here.

Every parser raises `CellFault`, whose Chinese message says what is wrong and what to do about it. A blank
cell is `required` for all of them; whether it may stay blank is the caller's decision.
"""

from fangpin.common.cells.amounts import MAX_FEN, added_up, fen
from fangpin.common.cells.dates import day
from fangpin.common.cells.numbers import digits_lost, digits_lost_fault, identifier, phone, whole
from fangpin.common.cells.texts import (
    BLANK_MARKS,
    FAILED_FORMULAS,
    NOT_CALCULATED,
    STRUCK_OUT,
    CellFault,
    as_json,
    fold,
    is_blank,
    name,
    required_fault,
    shown,
    text,
)

__all__ = [
    "BLANK_MARKS",
    "FAILED_FORMULAS",
    "MAX_FEN",
    "NOT_CALCULATED",
    "STRUCK_OUT",
    "CellFault",
    "added_up",
    "as_json",
    "day",
    "digits_lost",
    "digits_lost_fault",
    "fen",
    "fold",
    "identifier",
    "is_blank",
    "name",
    "phone",
    "required_fault",
    "shown",
    "text",
    "whole",
]
