"""The registry's part of the leak matrix: doubts, and changes by hand."""

from households.models import Household, QualityReport, RegistryChange

REASON = "变动依据金丝雀"


def changed(home: Household, thing: type, position: int, by, **where):
    """A change by hand of a household of the world, with a reason of its own."""
    reason = f"{REASON}{position}"
    RegistryChange.objects.create(
        kind="household", household=home, happened_on="2020-03-01", reason=reason, by=by, acting_as=by.acting
    )
    return thing(
        "change", where["label"], {"uuid": home.uuid}, where["village"], where["county"], canaries=[reason]
    )


def reported(county: str) -> None:
    """Every county has a report, with numbers that no other one has."""
    QualityReport.objects.create(county_id=county, counts={"hamlet_blank": {f"{county[:6]}100": 1}})


def routes(route: type) -> dict:
    post = {"method": "post", "permission": "registry.upkeep"}
    act = (("happened_on", "2020-03-01"), ("reason", "户口本已变更"))
    return {
        "households:quality-list": route(permission="registry.quality"),
        "households:quality-run": route(permission="registry.quality", method="post"),
        "households:quality-detail": route(permission="registry.quality", fixed=(("code", "hamlet_blank"),)),
        "households:quality-mark": route(
            fixed=(("code", "hamlet_blank"),), data=(("pick", "1"), ("words", "没有分屯")), **post
        ),
        "households:upkeep-list": route(permission="registry.quality"),
        "households:upkeep-menu": route("household", "registry.upkeep"),
        "households:upkeep-form": route(
            "household", data=(("hamlet", "新屯"), *act), fixed=(("kind", "household"),), **post
        ),
    }
