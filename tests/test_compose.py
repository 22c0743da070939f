"""docker-compose.yml and Dockerfile: whole, and without any secret in them."""

import json
import re

import pytest

from tests.compose import COMPOSE, ROOT, SERVICES, command
from tests.test_settings import COMPLETE

APP = ("migrate", "web", "worker", "beat")
SECRET = re.compile(r"KEY|PASSWORD|TOKEN|SECRET|HOSTS")
# ${NAME:?} with or without words stops `docker compose up` where NAME is unset or empty.
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]*\}")


def values(node):
    """Every text of the file."""
    if isinstance(node, dict):
        for value in node.values():
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    else:
        yield str(node)


def test_services_are_those_of_production():
    assert set(SERVICES) == {"db", "redis", *APP}


@pytest.mark.parametrize("service", ["db", "redis", "web", "worker", "beat"])
def test_service_that_stays_has_a_health_check_and_comes_back(service):
    assert SERVICES[service]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_program_waits_for_the_database_and_its_migrations(service):
    waits = {name: each["condition"] for name, each in SERVICES[service]["depends_on"].items()}
    assert waits == {
        "db": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert set(SERVICES["migrate"]["depends_on"]) == {"db", "redis"}
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("service", APP)
def test_program_gets_every_setting_of_production(service):
    assert set(SERVICES[service]["environment"]) == set(COMPLETE)
    assert SERVICES[service]["environment"]["FANGPIN_ENV"] == "production"


@pytest.mark.parametrize("service", list(SERVICES))
def test_secret_comes_from_the_environment_and_has_no_default(service):
    for name, value in SERVICES[service].get("environment", {}).items():
        if SECRET.search(name):
            assert REQUIRED.fullmatch(value), f"{service} {name}: {value}"
        if name == "DATABASE_URL":
            assert re.fullmatch(r"postgres://fangpin:\$\{POSTGRES_PASSWORD:\?\}@db:5432/fangpin", value)


def test_every_variable_is_required():
    """None with `-default`, none that would silently be empty."""
    text = "\n".join(values(COMPOSE))
    assert set(re.findall(r"\$\{[^}]*\}", text)) == set(REQUIRED.findall(text))
    assert re.findall(r"(?<!\$)\$[A-Z]", text) == []


def test_no_file_of_the_image_holds_a_secret():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8") + "\n".join(values(COMPOSE))
    assert not re.search(r"[A-Za-z0-9+/]{32,}={0,2}", text)
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()


def test_only_the_proxy_on_the_machine_reaches_the_program():
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_image_starts_what_compose_starts():
    (words,) = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert json.loads(words) == command("web")


def test_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER fangpin") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))


def test_what_is_kept_lies_in_volumes():
    assert set(COMPOSE["volumes"]) == {"database", "private"}
    assert all("private:/srv/fangpin/var" in SERVICES[service]["volumes"] for service in APP)
