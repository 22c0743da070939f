"""密码单: one-time codes of the users that a workbook made, sealed in a file until they are printed."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.accounts import codes
from fangpin.accounts.models import User, UserList
from fangpin.accounts.people.duties import current_duties, duties_sentence
from fangpin.common import audit
from fangpin.common.files import private_files

CODES_KEPT = datetime.timedelta(hours=24)


def store_codes(made: list[tuple[int, str, str]]) -> dict[str, Any]:
    """Keeps (new user, code, until when); returns the columns of the list that refer to them."""
    name = private_files.store(json.dumps(made).encode())
    return {"codes_name": name, "codes_until": timezone.now() + CODES_KEPT}


@dataclass(frozen=True)
class Slip:
    """One person's paper: who he is and how he signs in the first time."""

    user: User
    code: str
    duties: str


def slips(sent: UserList, *, by: User) -> list[Slip]:
    """Codes of those who have not signed in with theirs yet; audited. Nothing once they are destroyed."""
    if not sent.has_codes:
        return []
    made = json.loads(private_files.load(sent.codes_name))
    kept = {pk: (code, until) for pk, code, until in made}
    users = list(
        User.objects.for_user(by).filter(pk__in=kept, is_active=True, last_login=None).order_by("pk")
    )
    audit.record(by, "user_codes_shown", sent, users=[user.pk for user in users])
    duties = current_duties(users, by)
    return [
        Slip(user, codes.grouped(kept[user.pk][0]), duties_sentence(duties[user.pk]))
        for user in users
        if user.has_code and user.code_expires_at.isoformat() == kept[user.pk][1]  # else it was reset since
    ]


def slip_of(user: User, code: str, *, by: User) -> Slip:
    return Slip(user, codes.grouped(code), duties_sentence(current_duties([user], by)[user.pk]))


def destroy_codes(sent: UserList, *, by: User) -> bool:
    """After printing; who has lost his gets a new one."""
    with transaction.atomic():
        name = UserList.objects.select_for_update().values_list("codes_name", flat=True).get(pk=sent.pk)
        if not name:
            return False
        UserList.objects.filter(pk=sent.pk).update(codes_name="")
        audit.record(by, "user_codes_destroyed", sent)
        transaction.on_commit(lambda: private_files.remove(name))
    return True
