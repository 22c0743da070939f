from funding.models.accounts import BankAccount
from funding.models.applications import (
    Application,
    ApplicationLine,
    ApplicationPaper,
    ApplicationState,
    ChainStep,
    Claim,
    LineState,
    Purpose,
)
from funding.models.ledger import Account, AccountKind, Movement, MovementKind, PeriodClose
from funding.models.payments import BankFile, Batch, BatchLine, BatchState, HandedIn, Outcome
from funding.models.sources import FundSource, SourceKind, SourceLevel

__all__ = [
    "Account",
    "AccountKind",
    "Application",
    "ApplicationLine",
    "ApplicationPaper",
    "ApplicationState",
    "BankAccount",
    "BankFile",
    "Batch",
    "BatchLine",
    "BatchState",
    "ChainStep",
    "Claim",
    "FundSource",
    "HandedIn",
    "LineState",
    "Movement",
    "MovementKind",
    "Outcome",
    "PeriodClose",
    "Purpose",
    "SourceKind",
    "SourceLevel",
]
