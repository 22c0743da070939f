"""MeasureType · OrderSheet, OrderLine · Measure, CapUse, Project · FilledSheet · IncomePlan · Visit ·
Evaluation, Review: one aggregate a file."""

from .catalogue import CeilingKind, Eligibility, Form, MeasureType, Period, Route, Unit
from .measures import CapUse, Kind, Measure, MeasureState, Project, SendBackReason
from .orders import LineState, OrderLine, OrderSheet, Reminder, ReturnReason, SheetState
from .plans import IncomePlan, ItemKind, Need, PlanItem, PlanNote, PlanState
from .releases import Evaluation, EvaluationRisk, Outcome, Review, ReviewedCase
from .sheets import FilledSheet, SheetKind
from .visits import Arrived, Seen, Visit, VisitMeasure, VisitPhoto, VisitRisk

__all__ = [
    "Arrived",
    "CapUse",
    "CeilingKind",
    "Eligibility",
    "Evaluation",
    "EvaluationRisk",
    "FilledSheet",
    "Form",
    "IncomePlan",
    "ItemKind",
    "Kind",
    "LineState",
    "Measure",
    "MeasureState",
    "MeasureType",
    "Need",
    "OrderLine",
    "OrderSheet",
    "Outcome",
    "Period",
    "PlanItem",
    "PlanNote",
    "PlanState",
    "Project",
    "Reminder",
    "ReturnReason",
    "Review",
    "ReviewedCase",
    "Route",
    "Seen",
    "SendBackReason",
    "SheetKind",
    "SheetState",
    "Unit",
    "Visit",
    "VisitMeasure",
    "VisitPhoto",
    "VisitRisk",
]
