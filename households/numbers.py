"""Full numbers of persons: masked on every page, shown one at a time to who names a purpose."""

from django.db import models, transaction

from fangpin.common import audit
from fangpin.common.values import idnumbers

# Fields that may be shown in full, and what the page calls them.
LABELS = {"id_number": "证件号码", "phone": "联系电话"}


def masked_id(number: str | None) -> str:
    return idnumbers.mask(number) if number else ""


def masked_phone(number: str | None) -> str:
    """138****1234; of a short number only the last two digits."""
    if not number:
        return ""
    shown = number[:3] if len(number) >= 11 else ""
    tail = number[-4:] if len(number) >= 11 else number[-2:]
    return shown + "*" * (len(number) - len(shown) - len(tail)) + tail


def reveal(subject: models.Model, field: str, *, purpose: str, by) -> str:
    """The full number of a household or member that `by` has fetched in scope; who, which and why are audited
    in the same transaction, the number itself is not."""
    number = getattr(subject, field)
    with transaction.atomic():
        audit.record(by, "number_reveal", subject, field=field, purpose=purpose)
    return number or ""
