"""What the search box understands: full ID number, household number, a name, initials of a name."""

from django.db.models import Q

from fangpin.common import crypto, idnumbers
from fangpin.common.cells import CellFault
from fangpin.common.database import name_contains
from households.models import Member


def matching(text: str) -> Q:
    """Condition on Household. A full ID number goes through its keyed index; fragments of one find nobody."""
    text = text.strip()
    try:
        number = idnumbers.parse(text)
    except CellFault:
        pass
    else:
        index = crypto.keyed_index("id", number)
        # Fifteen digits may be an old ID number or the number of a household.
        return Q(number=text) | Q(pk__in=Member.objects.current().filter(id_index=index).values("household"))
    members = Member.objects.current()
    if text.isascii() and text.isalpha():
        found = members.filter(initials__startswith=text.lower())
    else:
        found = members.filter(name_contains("name", text))
    return Q(number=text) | Q(pk__in=found.values("household"))
