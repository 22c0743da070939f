"""Household, Member, AnnualIncome · Case · RegistryImport: one aggregate a file."""

from .cases import Case, CaseState, Follower, Risk, RiskState, TakeOver
from .imports import ImportKind, ImportRow, ImportState, RegistryImport
from .registry import AnnualIncome, Hamlet, HelperAssignment, Household, Lamp, Member

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
    "Member",
    "RegistryImport",
    "Risk",
    "RiskState",
    "TakeOver",
]
