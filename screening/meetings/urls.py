from django.urls import path, register_converter
from django.urls.converters import StringConverter

from screening.meetings.papers import LISTS
from screening.meetings.views import agenda, meetings, papers, releases, signing


class PaperList(StringConverter):
    regex = "|".join(LISTS)


register_converter(PaperList, "paper_list")


urlpatterns = [
    path("meetings/", meetings.meeting_list, name="meeting-list"),
    path("meetings/plan/", meetings.meeting_plan, name="meeting-plan"),
    path("meetings/<uuid:uuid>/", agenda.meeting_detail, name="meeting-detail"),
    path("meetings/<uuid:uuid>/change/", meetings.meeting_change, name="meeting-change"),
    path("meetings/<uuid:uuid>/members/", meetings.meeting_members, name="meeting-members"),
    path("meetings/<uuid:uuid>/recusals/<int:pk>/settle/", meetings.recusal_settle, name="recusal-settle"),
    path("meetings/<uuid:uuid>/agenda/", meetings.meeting_agenda, name="meeting-agenda"),
    path("meetings/<uuid:uuid>/agenda/remove/", meetings.meeting_agenda_remove, name="meeting-agenda-remove"),
    path("meetings/<uuid:uuid>/decide/", agenda.meeting_decide, name="meeting-decide"),
    path("meetings/<uuid:uuid>/hold/", meetings.meeting_hold, name="meeting-hold"),
    path("meetings/<uuid:uuid>/correct/", meetings.meeting_correct, name="meeting-correct"),
    path("meetings/<uuid:uuid>/cancel/", meetings.meeting_cancel, name="meeting-cancel"),
    path("meetings/<uuid:uuid>/sign/", signing.meeting_sign, name="meeting-sign"),
    path("meetings/<uuid:uuid>/register/", signing.meeting_register, name="meeting-register"),
    path("meetings/<uuid:uuid>/confirm/", signing.meeting_confirm, name="meeting-confirm"),
    path("meetings/<uuid:uuid>/scan/", signing.meeting_scan, name="meeting-scan"),
    path("meetings/<uuid:uuid>/papers/minutes/", papers.meeting_minutes, name="meeting-minutes"),
    path("meetings/<uuid:uuid>/papers/sheet/", papers.meeting_sheet, name="meeting-sheet"),
    path("meetings/<uuid:uuid>/papers/<paper_list:which>/", papers.meeting_paper, name="meeting-paper"),
    path("meetings/<uuid:uuid>/releases/", releases.meeting_releases, name="meeting-releases"),
    path("meetings/<uuid:uuid>/releases/fill/", releases.meeting_release_fill, name="meeting-release-fill"),
    path(
        "meetings/<uuid:uuid>/releases/decide/",
        releases.meeting_release_decide,
        name="meeting-release-decide",
    ),
    path(
        "meetings/<uuid:uuid>/releases/remove/",
        releases.meeting_release_remove,
        name="meeting-release-remove",
    ),
    path(
        "meetings/<uuid:uuid>/papers/releases/", releases.meeting_release_paper, name="meeting-release-paper"
    ),
    path("agenda/<uuid:uuid>/", agenda.agenda_detail, name="agenda-detail"),
    path("agenda/<uuid:uuid>/decide/", agenda.agenda_decide, name="agenda-decide"),
    path("agenda/<uuid:uuid>/contest/", agenda.agenda_contest, name="agenda-contest"),
    path("agenda/<uuid:uuid>/recuse/", meetings.agenda_recuse, name="agenda-recuse"),
    path("candidates/<uuid:uuid>/form/", papers.candidate_form, name="candidate-form"),
]
