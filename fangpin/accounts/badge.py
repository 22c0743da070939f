"""The badge of the home page: how many lines wait, and whether one is late; kept for a minute."""

from django.core.cache import cache
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine

BADGE_SECONDS = 60


def badge(user) -> int:
    """How many lines wait, for the navigation of every page: a minute old at most."""
    return _waiting(user)[0]


def overdue(user) -> bool:
    """Whether one of them is over time."""
    return _waiting(user)[1]


def _waiting(user) -> tuple[int, bool]:
    if user.acting is None:
        return 0, False
    if (lines := getattr(user, "waiting", None)) is not None:
        cache.set(_key(user), _counted(lines), BADGE_SECONDS)
        return _counted(lines)
    return cache.get_or_set(_key(user), lambda: _counted(shell.todo_for(user)), BADGE_SECONDS)


def _counted(lines: list[TodoLine]) -> tuple[int, bool]:
    today = timezone.localdate()
    return len(lines), any(line.due is not None and line.due < today for line in lines)


def forget_badge(user) -> None:
    """After an act that settles a line."""
    cache.delete(_key(user))


def _key(user) -> str:
    return f"todo:{user.acting.pk}"
