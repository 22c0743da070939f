"""One-time codes: made by the administrator, shown once, kept as a password is; the first sign-in changes
them."""

import datetime
import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils import timezone

from fangpin.accounts.models import User

# Without what is mistaken for something else on paper: 0 o, 1 l i.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH, _GROUP = 12, 4
_separators = re.compile(r"[\s\-－—–]+")


@dataclass(frozen=True)
class Code:
    """A code with its hash, which takes its time to make: many are made before the database is locked."""

    text: str
    hash: str


def new_code() -> Code:
    text = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return Code(text, make_password(text))


def give_code(user: User, code: Code) -> None:
    """Makes a code his password; not saved. Whatever he was signed in to ends with the old one."""
    user.password = code.hash
    user.must_change_password = True
    user.code_expires_at = timezone.now() + datetime.timedelta(days=settings.ONE_TIME_CODE_DAYS)


def grouped(code: str) -> str:
    """As it is shown: abcd-efgh-jkmn."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def as_typed(words: str) -> str:
    """A code typed from paper: capitals, hyphens and blanks do not matter."""
    return _separators.sub("", words).lower()


class CodeBackend(ModelBackend):
    """A code that has expired lets nobody in, and looks like a wrong password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> User | None:
        if password and User.objects.filter(username=username, code_expires_at__isnull=False).exists():
            password = as_typed(password)
        user = super().authenticate(request, username=username, password=password, **more)
        return None if user is not None and user.code_has_expired else user
