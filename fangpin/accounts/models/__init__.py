from fangpin.accounts.models.divisions import (
    DEPARTMENTS,
    Department,
    Division,
    DivisionQuerySet,
    HelpLine,
    Level,
)
from fangpin.accounts.models.imports import ListKind, ListState, RowOutcome, UserList, UserListRow
from fangpin.accounts.models.tokens import ApiToken
from fangpin.accounts.models.users import Duty, DutyQuerySet, NotInForce, User, UserManager, UserQuerySet
from fangpin.accounts.places.codes import code_range

__all__ = [
    "ApiToken",
    "DEPARTMENTS",
    "Department",
    "Division",
    "DivisionQuerySet",
    "Duty",
    "DutyQuerySet",
    "HelpLine",
    "Level",
    "ListKind",
    "ListState",
    "NotInForce",
    "RowOutcome",
    "User",
    "UserList",
    "UserListRow",
    "UserManager",
    "UserQuerySet",
    "code_range",
]
