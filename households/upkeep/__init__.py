"""户册变动: the registry changed by hand, one event at a time (`users/roles.md`, township officer).

`people` adds a person, lets one go, brings one back; `families` changes a head, splits and merges
households; `corrections` mends what is written of a person or a household. Each is all or nothing in one
transaction, under the county's lock that an import takes too, and leaves the same trail as an import
(`recording`). A workbook that still has the old state does not undo it (`households.hand_changes`).
"""

from django.dispatch import Signal

from fangpin.common.refusals import Refused

# Sent in the transaction once all persons of `source` have gone to `target`: `members` maps old rows to new
# ones.
households_merged = Signal()


class NotChanged(Refused):
    """Nothing was changed. `message` is Chinese and says what to do; `field` is the form's field it is
    about."""

    def __init__(self, message: str, field: str = "", code: str = ""):
        super().__init__(message)
        self.field, self.code = field, code
