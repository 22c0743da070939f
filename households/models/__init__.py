"""Household, Member, AnnualIncome · Case · Attachment · RegistryImport · RegistryChange, KnownDoubt: one
aggregate a file."""

from .attachments import Attachment
from .cases import Case, CaseState, Follower, Risk, RiskState, TakeOver
from .imports import ImportKind, ImportRow, ImportState, RegistryImport
from .registry import AnnualIncome, Hamlet, HelperAssignment, Household, Lamp, LampSource, Member
from .upkeep import ChangedValue, ChangeKind, KnownDoubt, QualityReport, RegistryChange

__all__ = [
    "AnnualIncome",
    "Attachment",
    "Case",
    "CaseState",
    "ChangeKind",
    "ChangedValue",
    "Follower",
    "Hamlet",
    "HelperAssignment",
    "Household",
    "ImportKind",
    "ImportRow",
    "ImportState",
    "KnownDoubt",
    "Lamp",
    "LampSource",
    "Member",
    "QualityReport",
    "RegistryChange",
    "RegistryImport",
    "Risk",
    "RiskState",
    "TakeOver",
]
