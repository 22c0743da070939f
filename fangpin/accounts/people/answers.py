"""What the rows of the administrator's workbooks come to."""

from dataclasses import dataclass, field

from fangpin.accounts.models import RowOutcome
from fangpin.accounts.people.user_file import Leaver, Posting


@dataclass(slots=True)
class Answer:
    """What one row comes to."""

    row: int
    outcome: RowOutcome
    who: str
    username: str
    message: str
    code: str = ""


@dataclass
class Result:
    answers: list[Answer] = field(default_factory=list)
    codes: list[tuple[int, str, str]] = field(default_factory=list)  # new user, code, until when

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(RowOutcome.values, 0)
        for answer in self.answers:
            counts[answer.outcome.value] += 1
        return counts | {"read": len(self.answers)}


def refused(line: Posting | Leaver, code: str, message: str) -> Answer:
    return Answer(line.row, RowOutcome.REFUSED, line.name, line.username, message, code)
