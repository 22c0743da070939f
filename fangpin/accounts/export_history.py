"""Who exported which list of an area, for whoever answers for it; the files stay their own."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fangpin.accounts.decorators import needs
from fangpin.accounts.models import code_range
from fangpin.common import exports
from fangpin.common.models import Job
from fangpin.common.web.paging import page


def of_area(user) -> QuerySet[Job]:
    """Exports of everybody who acted in the user's area, or below it."""
    low, high = code_range(user.acting.division_id)
    area = {"acting_as__division_id__gte": low, "acting_as__division_id__lte": high}
    return Job.objects.filter(kind=exports.KIND, **area).select_related("by", "acting_as")


@needs("export.history")
def export_history(request: HttpRequest) -> HttpResponse:
    shown = page(request, of_area(request.user), ("-id",), size=50)
    shown.rows = [exports.export_row(job) for job in shown]
    return render(request, "accounts/export_history.html", {"page": shown})
