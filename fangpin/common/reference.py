"""What every installation needs beside its own data: each app registers how it loads its part, `manage.py
setup` does it."""

from collections.abc import Callable

_loaders: list[tuple[str, Callable[[], int]]] = []


def register(label: str, loader: Callable[[], int]) -> None:
    """`loader()` adds what is missing, is safe to repeat and returns how many rows it added; `label` names
    them."""
    _loaders.append((label, loader))


def load() -> list[tuple[str, int]]:
    return [(label, loader()) for label, loader in _loaders]
