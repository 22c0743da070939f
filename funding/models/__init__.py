from funding.models.accounts import BankAccount
from funding.models.application_lines import ApplicationLine, Claim, LineState
from funding.models.application_papers import ApplicationPaper, ChainStep
from funding.models.application_states import ApplicationState
from funding.models.applications import Application, Purpose
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
