"""Works that serve a hamlet: registered from order lines, begun and delivered for all their households at
once."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.common.cells import CellFault, fen
from fangpin.common.refusals import Refused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.common.web.selection import selected
from measures.delivery import projects
from measures.models import OrderLine, Project
from measures.planning import lists as measure_lists
from measures.planning.views.measures import posted_day


@needs("measure.plan")
@require_POST
def project_register(request: HttpRequest) -> HttpResponse:
    """The ticked lines of the board become one works."""
    given = request.POST
    with refusals_as_messages(request):
        begins, ends = parse_date(given.get("from", "") or "x"), parse_date(given.get("to", "") or "x")
        if begins is None or ends is None:
            raise Refused("请填写计划开工和完工日期。")
        chosen = selected(request, OrderLine.objects.for_user(request.user))
        made = projects.register_project(
            chosen,
            by=request.user,
            name=given.get("name", ""),
            planned_from=begins,
            planned_to=ends,
            cost=_cost(request),
        )
        messages.success(request, f"{made.name}已登记，服务 {made.measures.count()} 户，等办公室备案。")
        return redirect("measures:project-detail", made.uuid)
    return redirect("measures:line-list")


def _cost(request: HttpRequest) -> int | None:
    """Fen; None where nothing was filled in."""
    text = request.POST.get("cost", "")
    try:
        return fen(text) if text.strip() else None
    except CellFault as fault:
        raise Refused(f"投资：{fault.message}") from fault


def _project(request: HttpRequest, uuid) -> Project:
    visible = Project.objects.for_user(request.user).select_related(
        "village__parent", "hamlet", "type", "department", "by"
    )
    return get_object_or_404(visible, uuid=uuid)


@needs("measure.view")
def project_list(request: HttpRequest) -> HttpResponse:
    visible = Project.objects.for_user(request.user)
    counted = visible.select_related("village__parent", "hamlet", "department").annotate(
        households=Count("measures", filter=~Q(measures__state="cancelled")),
        done=Count("measures", filter=Q(measures__state="delivered")),
    )
    return render(
        request,
        "measures/delivery/project_list.html",
        {"page": page(request, counted, ("-id",), counted=visible)},
    )


@needs("measure.view")
def project_detail(request: HttpRequest, uuid) -> HttpResponse:
    project = _project(request, uuid)
    shown = page(request, measure_lists.with_all(project.measures.all()), measure_lists.ORDER)
    states = {measure.state for measure in shown.rows}
    may_plan = request.user.may("measure.plan")
    context = {
        "project": project,
        "page": shown,
        "may_begin": may_plan and "filed" in states,
        "may_deliver": may_plan and "started" in states,
        "may_file": request.user.may("measure.file") and "planned" in states,
        "today": timezone.localdate(),
    }
    return render(request, "measures/delivery/project_detail.html", context)


def _act(request: HttpRequest, uuid, done: str, work) -> HttpResponse:
    project = _project(request, uuid)
    with refusals_as_messages(request):
        messages.success(request, done.format(work(project)))
    return redirect("measures:project-detail", uuid)


@needs("measure.file")
@require_POST
def project_file(request: HttpRequest, uuid) -> HttpResponse:
    return _act(request, uuid, "已备案 {} 户。", lambda p: projects.file_project(p, by=request.user))


@needs("measure.plan")
@require_POST
def project_begin(request: HttpRequest, uuid) -> HttpResponse:
    return _act(
        request,
        uuid,
        "工程已开工，{} 户。",
        lambda p: projects.begin_project(p, by=request.user, on=posted_day(request)),
    )


@needs("measure.plan")
@require_POST
def project_deliver(request: HttpRequest, uuid) -> HttpResponse:
    proof = request.POST.get("proof", "")
    return _act(
        request,
        uuid,
        "工程已完工，{} 户已落实。",
        lambda p: projects.deliver_project(p, by=request.user, on=posted_day(request), proof=proof),
    )
