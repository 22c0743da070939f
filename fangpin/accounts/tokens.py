"""Tokens of the API: each stands for one duty of one person, with some of its rights, until a day."""

import datetime
import hashlib
import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from fangpin.accounts.models import ApiToken, Duty, NotInForce
from fangpin.accounts.roles import ROLE_PERMISSIONS
from fangpin.common import audit
from fangpin.common.refusals import Refused

# What a token may be given, as the permission of the table that it needs.
SCOPES = {"national.pull": "取走标注录入的内容", "national.answer": "提交全国系统的回执"}
PREFIX = "fp_"
LONGEST_DAYS = 400
USED_EVERY = datetime.timedelta(minutes=1)


def digest(secret: str) -> str:
    """32 random bytes need no slow hash: nobody can try them out."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenRefused(Refused):
    """No token was made; `message` is Chinese and says what to do."""


def issue(duty: Duty, scopes: Collection[str], *, days: int) -> tuple[ApiToken, str]:
    """Makes a token and returns it with its secret, which is nowhere kept. Raises TokenRefused."""
    if not duty.is_in_force():
        raise TokenRefused("这个岗位还没有生效或已经到期，不能签发令牌。")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(f"有效期要在 1 至 {LONGEST_DAYS} 天之间。")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise TokenRefused(f"权限只能是：{'、'.join(SCOPES)}。")
    if beyond := set(scopes) - ROLE_PERMISSIONS[duty.role]:
        raise TokenRefused(f"岗位 {duty} 没有这些权限：{'、'.join(sorted(beyond))}。")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            digest=digest(secret),
            hint=secret[:8],
            duty=duty,
            scopes=sorted(set(scopes)),
            expires_at=timezone.now() + datetime.timedelta(days=days),
        )
        audit.record(None, "token_issue", token, duty=duty.pk, scopes=token.scopes, days=days)
    return token, secret


def revoke(hint: str) -> int:
    """Ends the tokens that begin so; returns how many."""
    with transaction.atomic():
        ending = list(ApiToken.objects.select_for_update().filter(hint=hint, revoked_at=None))
        ApiToken.objects.filter(pk__in=[token.pk for token in ending]).update(revoked_at=timezone.now())
        audit.record_each(None, "token_revoke", ApiToken, {token.pk: {"hint": hint} for token in ending})
    return len(ending)


def find(secret: str) -> ApiToken | None:
    """The token of a secret while it is good, its person acting in its duty; read afresh each time."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("duty__user", "duty__division", "duty__department")
        .filter(digest=digest(secret), revoked_at=None, expires_at__gt=now)
        .first()
    )
    if token is None:
        return None
    try:
        token.duty.user.act_in(token.duty)
    except NotInForce:
        return None
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
