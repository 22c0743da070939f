"""docker-compose.yml as the tests read it."""

import shlex
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict] = COMPOSE["services"]


def command(service: str) -> list[str]:
    """The words of a service's command, as Docker splits them."""
    given = SERVICES[service]["command"]
    return given if isinstance(given, list) else shlex.split(given)


def health_check(service: str) -> list[str]:
    """The words of its health check; a shell's is one line for `sh -c`. Compose writes $$ for $."""
    kind, *words = SERVICES[service]["healthcheck"]["test"]
    words = [word.replace("$$", "$") for word in words]
    return words if kind == "CMD" else ["sh", "-c", *words]
