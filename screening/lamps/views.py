"""亮灯台: the lit households of an area."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import Division
from screening.lamps import board as lampboard


@needs("lamp.view")
def lamp_board(request: HttpRequest) -> HttpResponse:
    user = request.user
    code = request.GET.get("place") or user.acting.division_id
    place = get_object_or_404(Division.objects.for_user(user), code=code)
    shown = lampboard.rows(user, place)
    context = {
        "place": place,
        "above": lampboard.path_to(user, place),
        "rows": shown,
        "sum": lampboard.total(place, shown),
        "lamps": lampboard.LAMPS,
        "opens_lists": user.may("household.view"),
        "key": {"county": "township", "township": "village", "village": "village"}.get(place.level, ""),
    }
    return render(request, "screening/lamps/lamp_board.html", context)
