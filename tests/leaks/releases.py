"""Releases in the leak matrix: cases of one's area; a meeting's list is the county's."""

RIGHTS: dict[str, str] = {}


def things(thing: type) -> list:
    return []


def sees(world, role: str, thing) -> bool:
    return False


def routes(route: type) -> dict:
    post = {"method": "post"}
    return {
        "measures:release-list": route(permission="release.view"),
        "measures:release-review": route(permission="release.review", **post),
        "measures:release-evaluate": route("case", "release.evaluate"),
        "measures:release-paper": route("case", "release.view"),
        "measures:release-papers": route(permission="release.view"),
        "screening:meeting-releases": route("meeting", "meeting.view"),
        "screening:meeting-release-fill": route("meeting", "meeting.prepare", **post),
        "screening:meeting-release-decide": route("meeting", "meeting.prepare", **post),
        "screening:meeting-release-remove": route("meeting", "meeting.prepare", **post),
        "screening:meeting-release-paper": route("meeting", "meeting.view"),
    }
