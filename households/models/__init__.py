"""Household, Member, AnnualIncome · Case · RegistryImport: one aggregate a file."""

from .cases import Case, CaseState, Follower, Risk, RiskState, TakeOver
from .imports import ImportKind, ImportRow, ImportState, RegistryImport
from .registry import AnnualIncome, Hamlet, HelperAssignment, Household, Lamp, LampSource, Member

__all__ = [
    "AnnualIncome",
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
