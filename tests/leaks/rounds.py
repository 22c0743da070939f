"""The leak matrix of a round's further pages: progress, what a rule found, early lists, cancelled runs,
exports."""

RULE = "medical.out_of_pocket/medical_settlement"


def routes(route: type) -> dict:
    post = {"method": "post"}
    return {
        "screening:round-progress": route("round", "round.view"),
        "screening:round-found": route("round", "lead.view", data=(("rule", RULE), ("group", "all"))),
        "screening:round-sweep-cancel": route("round", "round.sweep", **post),
        "screening:feed-early": route(permission="feed.deliver", **post),
        "common:export-cancel": route("job", **post),
        "accounts:export-history": route(permission="export.history"),
    }
