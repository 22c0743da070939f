"""政策调整: drafted, looked at with what it changes, released, and seen by the counties."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Level
from fangpin.common.transitions import TransitionRefused
from fangpin.common.web.paging import page
from fangpin.common.web.refusals import refusals_as_messages
from fangpin.policy import effects, revisions
from fangpin.policy.forms import RevisionForm, initial_of
from fangpin.policy.models import Acknowledgement, Revision
from fangpin.policy.panels import panels_for
from fangpin.policy.services import rows_at
from fangpin.policy.values import in_words


@needs("policy.view")
def revision_list(request: HttpRequest) -> HttpResponse:
    """Drafts of one's own place first, then releases, the newest day first."""
    visible = Revision.objects.for_user(request.user)
    shown = page(request, _with_all(visible.released()), ("-holds_from", "-id"), counted=visible.released())
    context = {
        "page": shown,
        "drafts": list(_with_all(visible.drafts()).order_by("holds_from", "id")),
        "discarded": list(_with_all(visible.filter(state="discarded")).order_by("-id")[:20]),
        "may_draft": revisions.may_draft(request.user),
    }
    return render(request, "policy/revision_list.html", context)


def _with_all(queryset):
    return queryset.select_related("division", "drafted_by", "released_by").prefetch_related("values")


def _revision(request: HttpRequest, uuid) -> Revision:
    return get_object_or_404(_with_all(Revision.objects.for_user(request.user)), uuid=uuid)


@needs("policy.view")
def revision_detail(request: HttpRequest, uuid) -> HttpResponse:
    return _shown(request, _revision(request, uuid))


def _shown(request: HttpRequest, revision: Revision, refused: str = "") -> HttpResponse:
    user = request.user
    of_place = revision.division_id == user.acting.division_id
    changes = effects.changes(revision)
    context = {
        "revision": revision,
        "changes": changes,
        "is_region": revision.division.level == Level.REGION,
        "backdated": revision.is_draft and revision.holds_from < timezone.localdate(),
        "summary": "；".join(change.summary() for change in changes),
        "digest": revisions.digest(revision),
        "refused": refused,
        "may_change": revision.is_draft and of_place and revisions.may_draft(user),
        "may_release": revision.is_draft and of_place and user.may("policy.release"),
        "panels": panels_for(revision, user),
        **_acknowledged(revision, user),
    }
    return render(request, "policy/revision_detail.html", context, status=422 if refused else 200)


def _acknowledged(revision: Revision, user) -> dict:
    """For a county: which values it gets, and whether it has seen the release; for the region: how many
    have."""
    if revision.released_at is None or revision.division.level != Level.REGION:
        return {}
    seen = Acknowledgement.objects.filter(revision=revision).select_related("by", "county")
    if user.acting.division.level == Level.REGION:
        return {"seen_by": list(seen.order_by("county_id"))}
    if not user.may("policy.acknowledge"):
        return {}
    mine = seen.filter(county=user.acting.county_code).first()
    return {"acknowledged": mine, "may_acknowledge": mine is None}


@needs("policy.draft")
def revision_new(request: HttpRequest) -> HttpResponse:
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = revisions.draft(form.values, by=request.user, **_head(form))
        except revisions.RevisionRefused as error:
            form.refuse(error.message, error.faults)
        else:
            messages.success(request, "草稿已保存，还没有施行。看过它改变什么以后再发布。")
            return redirect("policy:revision-detail", uuid=made.uuid)
    return _form_page(request, form, None)


@needs("policy.draft")
def revision_change(request: HttpRequest, uuid) -> HttpResponse:
    revision = _revision(request, uuid)
    if not revision.is_draft or revision.division_id != request.user.acting.division_id:
        messages.error(request, "只有本单位的草稿可以修改；已发布的请另起草一份来替代。")
        return redirect("policy:revision-detail", uuid=uuid)
    form = _form(request, revision)
    if request.method == "POST" and form.is_valid():
        try:
            revisions.change(revision, form.values, by=request.user, **_head(form))
        except revisions.RevisionRefused as error:
            form.refuse(error.message, error.faults)
        else:
            messages.success(request, "草稿已保存。")
            return redirect("policy:revision-detail", uuid=uuid)
    return _form_page(request, form, revision)


def _form(request: HttpRequest, revision: Revision | None) -> RevisionForm:
    place = request.user.acting.division
    current = rows_at([place], timezone.localdate())[place.code]
    clearable = {key for key, row in current.own.items() if row.value is not None}
    if revision is not None:
        clearable |= {row.key for row in revision.values.all() if row.value is None}
    data = request.POST if request.method == "POST" else None
    initial = initial_of(revision) if revision is not None else {"holds_from": None}
    return RevisionForm(
        data, parameters=revisions.settable(place), clearable=clearable, current=current, initial=initial
    )


def _head(form: RevisionForm) -> dict:
    return {name: form.cleaned_data[name] for name in ("holds_from", "document", "reason")}


def _form_page(request: HttpRequest, form: RevisionForm, revision: Revision | None) -> HttpResponse:
    groups = form.groups
    for group in groups:
        for line in group["lines"]:
            row = form.current.row(line["parameter"].key)
            line["row"] = row
            line["words"] = in_words(line["parameter"], row.value) if row else "没有规定"
            line["is_own"] = row is not None and row.division_id == request.user.acting.division_id
    context = {
        "form": form,
        "groups": groups,
        "revision": revision,
        "is_county": request.user.acting.division.level == Level.COUNTY,
    }
    return render(request, "policy/revision_form.html", context, status=422 if form.errors else 200)


@needs("policy.release")
@require_POST
def revision_release(request: HttpRequest, uuid) -> HttpResponse:
    revision = _revision(request, uuid)
    try:
        revisions.release(revision, seen=request.POST.get("seen", ""), by=request.user)
    except (revisions.RevisionRefused, TransitionRefused) as error:
        sentences = [error.message, *getattr(error, "faults", {}).values()]
        return _shown(request, _revision(request, uuid), refused="".join(sentences))
    messages.success(request, f"已发布，{revision.holds_from:%Y-%m-%d} 起施行。已经开启的排查不变。")
    return redirect("policy:revision-detail", uuid=uuid)


@needs("policy.draft")
@require_POST
def revision_discard(request: HttpRequest, uuid) -> HttpResponse:
    revision = _revision(request, uuid)
    with refusals_as_messages(request):
        revisions.discard(revision, by=request.user)
        messages.success(request, "草稿已作废，仍可查看。")
        return redirect("policy:revision-list")
    return redirect("policy:revision-detail", uuid=uuid)


@needs("policy.acknowledge")
@require_POST
def revision_acknowledge(request: HttpRequest, uuid) -> HttpResponse:
    with refusals_as_messages(request):
        revisions.acknowledge(_revision(request, uuid), by=request.user)
        messages.success(request, "已记下：本县知悉这次调整。")
    return redirect("policy:revision-detail", uuid=uuid)
