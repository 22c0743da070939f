"""MeasureType · OrderSheet, OrderLine · Measure, CapUse, Project · FilledSheet · IncomePlan · Visit ·
Evaluation, Review: one aggregate a file."""

from .caps import CapUse
from .catalogue import CeilingKind, Eligibility, Form, MeasureType, Period, Route, Unit
from .line_states import LineState
from .measure_states import MeasureState, SendBackReason
from .measures import Kind, Measure
from .orders import OrderLine, OrderSheet, Reminder, ReturnReason, SheetState
from .plans import IncomePlan, ItemKind, Need, PlanItem, PlanNote, PlanState
from .projects import Project
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
