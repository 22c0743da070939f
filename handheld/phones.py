"""A person's store on a phone: opened with the password, known again by its token, left at sign-out.

The key never leaves the server but against the password; on the phone it lies wrapped under a PIN. So a
forgotten PIN loses nothing: whoever knows the password opens what he left unsent
(docs/adr/0009-field-without-network.md).
"""

import base64
import datetime
import hashlib
import secrets
import uuid as uuids
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from fangpin.accounts.acting import duties_of
from fangpin.accounts.models import Duty, Level, User
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from handheld.models import Phone, PhoneEntry, PhoneEntryState
from screening.field.receiving import AT_THE_DOOR
from screening.models import EntryState

SEEN_EVERY = datetime.timedelta(minutes=5)


@dataclass
class Opened:
    phone: Phone
    token: str  # nowhere kept


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_phone(user: User, known: str = "") -> Opened:
    """A store for the duty that `user` acts in, or the one he had (`known`, its uuid) with its key and a new
    token. The caller has checked the password. Raises Refused where the duty enters nothing at doors."""
    if not user.may("field.enter") or user.duty.division.level != Level.VILLAGE:
        raise Refused("手机入户由村“两委”干部和驻村工作队员用。请先切换到这个岗位。")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        phone = _known(user, known)
        if phone is None:
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            phone = Phone.objects.create(
                user=user,
                duty=user.duty,
                key=key,
                token_digest=digest_of(token),
                password_mark=user.get_session_auth_hash(),
            )
        else:
            phone.duty = user.duty  # unsent entries name the village in which they were made
            _renew(phone, token)
        audit.record(user, "phone_open", phone)
    return Opened(phone, token)


def reopen_phone(user: User, known: str) -> Opened | None:
    """The store he had, for one whose duty has ended: no pack any more, but what he left unsent can still be
    sent. None where it is not his. The caller has checked the password."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        phone = _known(user, known)
        if phone is None:
            return None
        _renew(phone, token)
        audit.record(user, "phone_open", phone)
    return Opened(phone, token)


def _renew(phone: Phone, token: str) -> None:
    phone.token_digest, phone.opened_at = digest_of(token), timezone.now()
    phone.left_at = phone.stopped_by = None
    phone.password_mark = phone.user.get_session_auth_hash()
    phone.save(update_fields=["duty", "token_digest", "left_at", "stopped_by", "opened_at", "password_mark"])


def _known(user: User, raw: str) -> Phone | None:
    try:
        key = uuids.UUID(raw)
    except ValueError:
        return None
    return (
        Phone.objects.select_for_update(of=("self",))
        .select_related("duty")
        .filter(user=user, uuid=key)
        .first()
    )


def find_phone(token: str) -> Phone | None:
    """The store of a token; its person acts in its duty where that is in force, else in none."""
    known = Phone.objects.select_related("user", "duty__division", "duty__department", "duty__user")
    phone = known.filter(token_digest=digest_of(token)).open().first()
    if phone is None or not phone.knows_password:
        return None
    acting(phone)
    if timezone.now() - phone.seen_at > SEEN_EVERY:
        Phone.objects.filter(pk=phone.pk).update(seen_at=timezone.now())
    return phone


def acting(phone: Phone, village: str = "") -> User:
    """Who sends: acting in his duty in `village` (else that of the phone), or in none where it has ended."""
    user, wanted = phone.user, village or phone.duty.division_id
    duties = [duty for duty in duties_of(user) if duty.role in AT_THE_DOOR and duty.division_id == wanted]
    return user.act_in(duties[0] if duties and user.is_active else None)


def village_of(phone: Phone, named: str) -> str:
    """The village in which an entry was made, where its writer serves or served there; else that of the
    phone's duty."""
    served = Duty.objects.filter(user=phone.user_id, role__in=AT_THE_DOOR, division=named)
    return named if served.exists() else phone.duty.division_id


def leave_phone(phone: Phone) -> None:
    """Signed out on the phone: the token sends no more. The key stays for what is sealed there."""
    with transaction.atomic():
        Phone.objects.filter(pk=phone.pk).update(left_at=timezone.now())
        audit.record(phone.user, "phone_leave", phone)


def disable_phone(phone: Phone, *, by: Actor) -> bool:
    """停用 by its owner or an administrator: the token ends at once. As after leaving, the password opens the
    store again, so that nothing unsent is lost; of a phone that is lost the password is changed as well."""
    with transaction.atomic():
        stopped = Phone.objects.filter(pk=phone.pk, left_at=None).update(
            left_at=timezone.now(), stopped_by=by.pk
        )
        if stopped:
            audit.record(by, "phone_stop", phone, user=phone.user_id)
    return bool(stopped)


def waiting_entries(phones: Iterable[Phone]) -> dict[int, int]:
    """Phone → how many of its entries wait for a person, here or among the entries of the round."""
    waits = Q(state=PhoneEntryState.ATTENTION) | Q(entry__state=EntryState.ATTENTION)
    entries = PhoneEntry.objects.filter(waits, phone__in=[phone.pk for phone in phones])
    return dict(entries.order_by().values_list("phone").annotate(Count("pk")))
