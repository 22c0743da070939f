"""户册变动: choose the kind on the household's page, then one form."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from fangpin.accounts.decorators import needs
from fangpin.common.web.paging import page
from households import lists
from households.models import ChangeKind, Household, Member, RegistryChange
from households.upkeep import NotChanged, changes, corrections, families, people
from households.upkeep.forms import FORMS, ActForm, ChangeFilter
from households.upkeep.words import change_rows

# Kinds in the order of the menu, in groups, and what each is for.
MENU = (
    ("人来", (
        (ChangeKind.BIRTH, "新生儿，已有证件号码"), (ChangeKind.MARRY_IN, "媳妇、上门女婿"),
        (ChangeKind.MOVE_IN, "从外地或别的户转来"),
    )),
    ("人走", (
        (ChangeKind.DEATH, "户主去世的，同时选新户主"), (ChangeKind.MARRY_OUT, "嫁出、到别家上门"),
        (ChangeKind.MOVE_OUT, "户口已经迁走"), (ChangeKind.RETURN, "办错了，人还在"),
    )),
    ("户", (
        (ChangeKind.HEAD, "每人与户主的关系重新填"), (ChangeKind.SPLIT, "一部分人另立一户；防贫对象留在原户"),
        (ChangeKind.MERGE, "全户并入另一户，本户注销"),
    )),
    ("更正", (
        (ChangeKind.MEMBER, "姓名、号码、文化程度、健康、劳动、务工、电话"),
        (ChangeKind.HOUSEHOLD, "自然屯、住房等级、饮水、电话"),
    )),
)  # fmt: skip
OF_PERSON = (*people.GOING, ChangeKind.MEMBER, ChangeKind.RETURN)


def _home(request: HttpRequest, uuid) -> Household:
    homes = Household.objects.for_user(request.user).select_related("village__parent", "hamlet", "county")
    return get_object_or_404(homes, uuid=uuid)


@needs("registry.upkeep")
def upkeep_menu(request: HttpRequest, uuid) -> HttpResponse:
    home = _home(request, uuid)
    menu = [
        (
            group,
            [
                {"kind": kind, "words": words}
                for kind, words in kinds
                if not home.closed_on or kind == ChangeKind.RETURN
            ],
        )
        for group, kinds in MENU
    ]
    context = {"household": home, "menu": [(group, kinds) for group, kinds in menu if kinds]}
    return render(request, "households/upkeep_menu.html", context)


@needs("registry.upkeep")
@require_http_methods(["GET", "POST"])
def upkeep_form(request: HttpRequest, uuid, kind: str) -> HttpResponse:
    """One change. Kinds that are about one person first ask which."""
    home, kind = _home(request, uuid), ChangeKind(kind)
    if home.closed_on and kind != ChangeKind.RETURN:
        messages.warning(request, "这户已经注销。人还在的，请先办理恢复。")
        return redirect("households:upkeep-menu", home.uuid)
    members = Member.objects.for_user(request.user).filter(household=home).order_by("id")
    present = sorted((m for m in members if m.removed_on is None), key=lambda m: not m.is_head)
    offered = [m for m in members if m.removed_on is not None] if kind == ChangeKind.RETURN else present
    person = None
    if kind in OF_PERSON:
        chosen = request.GET.get("member", "")
        if not chosen:
            context = {"household": home, "kind": kind, "members": offered}
            return render(request, "households/upkeep_pick.html", context)
        person = next((member for member in offered if str(member.pk) == chosen), None)
        if person is None:
            raise Http404
    form = FORMS[kind](request.POST or None, home=home, kind=kind, people=present, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            change = _do(form, request.user)
        except NotChanged as error:
            if error.code == "elsewhere":
                form.offer_from_other()
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"已办理{kind.label}。")
            return redirect("households:household-detail", change.household.uuid)
    context = {"household": home, "kind": kind, "person": person, "form": form}
    return render(request, "households/upkeep_form.html", context, status=422 if form.errors else 200)


def _do(form: ActForm, by) -> RegistryChange:
    arguments, data, home = form.act_arguments | {"by": by}, form.cleaned_data, form.home
    match form.kind:
        case kind if kind in people.COMING:
            return people.add_person(home, form.values, kind=kind, from_other=data["from_other"], **arguments)
        case kind if kind in people.GOING:
            return people.let_go(
                form.person, kind=kind, head=data.get("head"), relations=form.relations, **arguments
            )
        case ChangeKind.RETURN:
            return people.bring_back(form.person, relation=data["relation"], **arguments)
        case ChangeKind.HEAD:
            return families.change_head(home, head=data["head"], relations=form.relations, **arguments)
        case ChangeKind.SPLIT:
            return families.split(
                home,
                leaving=data["leaving"],
                head=data["head"],
                relations=form.relations,
                number=data["number"],
                hamlet=data["hamlet"],
                **arguments,
            )
        case ChangeKind.MERGE:
            return families.merge(home, _target(data["target"], by), relations=form.relations, **arguments)
        case ChangeKind.MEMBER:
            return corrections.correct_person(form.person, form.values, **arguments)
        case ChangeKind.HOUSEHOLD:
            return corrections.correct_household(home, form.values, **arguments)
    raise Http404


def _target(text: str, by) -> Household:
    home = lists.by_number(Household.objects.for_user(by).current(), text.strip())
    if home is None:
        raise NotChanged("在您管辖的范围内找不到这户，请核对户编号或证件号码。", "target")
    return home


@needs("registry.quality")
def upkeep_list(request: HttpRequest) -> HttpResponse:
    """Changes by hand of the reader's area, the latest first."""
    form = ChangeFilter(request.GET, user=request.user)
    rows = page(request, changes.filtered(form, request.user), ("-id",))
    rows.rows = change_rows(rows.rows, request.user)
    context = {"form": form, "page": rows, "clear_url": reverse("households:upkeep-list")}
    return render(request, "households/upkeep_list.html", context)
