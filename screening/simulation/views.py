"""试算: requested, waited for, read (Art. 14). Nothing of a round is changed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from fangpin.accounts.decorators import needs
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.progress import polled
from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.services import PolicySet
from fangpin.policy.values import in_words
from screening.models import Change, Simulation, SimulationRow
from screening.models.simulations import KEPT_DAYS
from screening.simulation import requests, tables
from screening.simulation.exports import with_places
from screening.simulation.forms import RowFilter, SimulationForm
from screening.simulation.run import Outcome

ORDER = ("household__village_id", "household_id", "id")


@dataclass(frozen=True)
class SimulationLine:
    """A simulation of the list; households added and dropped, None while it is under way."""

    simulation: Simulation
    added: int | None = None
    dropped: int | None = None


@needs("policy.simulate")
def simulation_list(request: HttpRequest) -> HttpResponse:
    kept = Simulation.objects.for_user(request.user).kept().select_related("round__county", "by")
    shown = page(request, kept, ("-id",))
    shown.rows = [_line(simulation) for simulation in shown]
    return render(
        request, "screening/simulation/simulation_list.html", {"page": shown, "kept_days": KEPT_DAYS}
    )


def _line(simulation: Simulation) -> SimulationLine:
    if not simulation.done_at:
        return SimulationLine(simulation)
    outcome = Outcome.restore(simulation.result)
    return SimulationLine(
        simulation, outcome.of_households(Change.ADDED), outcome.of_households(Change.DROPPED)
    )


@needs("policy.simulate")
def simulation_new(request: HttpRequest) -> HttpResponse:
    """`revision` and `round` in the address choose them beforehand."""
    user = request.user
    initial = {name: request.GET.get(name, "") for name in ("round", "revision")}
    form = SimulationForm(request.POST if request.method == "POST" else None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("screening:simulation-detail", _request(form, user).uuid)
        except Refused as error:
            form.add_error(None, error.message)
    groups = form.groups
    round = form.rounds.get(request.POST.get("round") or initial["round"]) or next(
        iter(form.rounds.values()), None
    )
    for group in groups:
        for line in group["lines"]:
            key = line["parameter"].key
            line["words"] = in_words(line["parameter"], round.parameters[key]) if round else "—"
    context = {"form": form, "groups": groups, "round": round}
    return render(
        request, "screening/simulation/simulation_new.html", context, status=422 if form.errors else 200
    )


def _request(form: SimulationForm, user: Actor) -> Simulation:
    chosen = form.cleaned_data
    round = form.rounds[chosen["round"]]
    revision = form.revisions.get(chosen["revision"])
    policy, about = requests.other_policy(round, revision=revision, day=chosen["day"], values=form.values)
    if not round.parameters.differing(policy):
        raise Refused(
            "与本次排查所依的参数完全相同，没有什么可试算的。本县有自定值的参数，自治区的调整不改变它。"
        )
    return requests.request_simulation(round, policy, about, revision=revision, by=user)


@needs("policy.simulate")
def simulation_detail(request: HttpRequest, uuid) -> HttpResponse:
    user = request.user
    kept = Simulation.objects.for_user(user).kept().select_related("round__county", "by", "revision")
    simulation = get_object_or_404(kept, uuid=uuid)
    context = {
        "simulation": simulation,
        "round": simulation.round,
        "differing": _differing(simulation),
        "kept_days": KEPT_DAYS,
    }
    if simulation.done_at is None:
        return render(
            request, "screening/simulation/simulation_detail.html", context | _progress(simulation, user)
        )
    outcome = Outcome.restore(simulation.result)
    context |= {
        "figures": tables.figures(outcome),
        "cost": tables.cost(outcome),
        "outcome": outcome,
        "categories": tables.categories(outcome),
        "table": tables.by_township(outcome),
        "sees_households": user.may("lead.view"),
    }
    if user.may("lead.view"):
        context |= _rows(request, simulation)
    return render(request, "screening/simulation/simulation_detail.html", context)


def _rows(request: HttpRequest, simulation: Simulation) -> dict:
    user = request.user
    form = RowFilter(request.GET, user=user)
    rows = form.narrow(SimulationRow.objects.for_user(user).filter(simulation=simulation))
    shown = page(request, with_places(rows), ORDER, counted=rows)
    shown.rows = requests.explained_rows(shown.rows)
    return {
        "page": shown,
        "form": form,
        "clear_url": reverse("screening:simulation-detail", args=[simulation.uuid]),
        "more": f"simulation={simulation.uuid}",
        "may_export": user.may("lead.export") and bool(shown.rows),
    }


def _progress(simulation: Simulation, user: Actor) -> dict:
    job = requests.job_of(simulation)
    address = reverse("screening:simulation-detail", args=[simulation.uuid])
    if job is not None and job.by_id == user.pk:
        return {"job": polled(job, address)}
    return {"waits_for": job}


def _differing(simulation: Simulation) -> list[dict]:
    own, other = simulation.round.parameters, PolicySet.restore(simulation.policy)
    return [
        {
            "parameter": PARAMETERS[key],
            "own": in_words(PARAMETERS[key], own[key]),
            "other": in_words(PARAMETERS[key], other[key]),
        }
        for key in own.differing(other)
    ]
