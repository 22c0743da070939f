"""What a first row of the catalogue says."""

from dataclasses import dataclass

from measures.models.catalogue import Eligibility

TEXT, GENERAL, NO = Eligibility.TEXT, Eligibility.GENERAL, Eligibility.FORBIDDEN


@dataclass(frozen=True)
class Row:
    """As the columns of MeasureType; `who` is lifted, monitored, marginal."""

    code: str
    name: str
    department: str
    article: str
    form: str
    unit: str
    who: tuple[str, str, str]
    route: str
    route_marginal: str = ""
    period: str = ""
    cap_key: str = ""
    months_key: str = ""
    cap_by_county: bool = False
    also: tuple[str, ...] = ()
    subcriteria: tuple[str, ...] = ()
    is_universal: bool = False
    ceiling_kind: str = ""
    comparators: tuple[str, ...] = ()
    needs: str = ""
    is_two_years: bool = False
    is_on_application: bool = False


# Situations of Art. 7(1) that several types answer.
LIVELIHOOD = ("livelihood.production_loss", "livelihood.unstable_employment")
WORK = ("livelihood.unstable_employment", "other.labour_loss")
SCHOOL = ("education.dropout", "education.hardship")
ILL = ("medical.untreated", "medical.out_of_pocket")
OTHER = ("other.rigid_expense", "other.labour_loss")
