"""Household, Member, AnnualIncome · Case · Attachment · RegistryImport: one aggregate a file."""

from .attachments import Attachment
from .cases import Case, CaseState, Follower, Risk, RiskState, TakeOver
from .imports import ImportKind, ImportRow, ImportState, RegistryImport
from .registry import AnnualIncome, Hamlet, HelperAssignment, Household, Lamp, LampSource, Member

__all__ = [
    "AnnualIncome",
    "Attachment",
    "Case",
    "CaseState",
    "Follower",
    "Hamlet",
    "HelperAssignment",
    "Household",
    "ImportKind",
    "ImportRow",
    "ImportState",
    "Lamp",
    "LampSource",
    "Member",
    "RegistryImport",
    "Risk",
    "RiskState",
    "TakeOver",
]
