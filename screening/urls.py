from django.urls import include, path

from screening.comparison.views import candidates, verification
from screening.feeds.triage import views as triage
from screening.feeds.views import feeds
from screening.feeds.views import headings as feed_headings
from screening.field.views import entries as field
from screening.field.views import papers as field_papers
from screening.field.views import typing as field_typing
from screening.leads import views as leads
from screening.rounds import views as rounds
from screening.simulation import views as simulations
from screening.views import national

app_name = "screening"
urlpatterns = [
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/open/", rounds.round_open, name="round-open"),
    path("rounds/<uuid:uuid>/", rounds.round_detail, name="round-detail"),
    path("rounds/<uuid:uuid>/sweep/", rounds.round_sweep, name="round-sweep"),
    path("feeds/rounds/<uuid:uuid>/<slug:kind>/upload/", feeds.feed_upload, name="feed-upload"),
    path("feeds/", feeds.feed_list, name="feed-list"),
    path("feeds/<uuid:uuid>/", feeds.feed_detail, name="feed-detail"),
    path("feeds/<uuid:uuid>/accept/", feeds.feed_accept, name="feed-accept"),
    path("feeds/<uuid:uuid>/returned/", feeds.feed_returned, name="feed-returned"),
    path("feeds/<uuid:uuid>/headings/", feed_headings.feed_map, name="feed-map"),
    path("feeds/<uuid:uuid>/amend/", feeds.feed_amend, name="feed-amend"),
    path("feeds/<uuid:uuid>/discard/", feeds.feed_discard, name="feed-discard"),
    path("feeds/headings/<int:pk>/forget/", feed_headings.heading_forget, name="heading-forget"),
    path("feeds/<slug:kind>/template/", feeds.feed_template, name="feed-template"),
    path("triage/", triage.triage_list, name="triage-list"),
    path("triage/settle/", triage.triage_settle, name="triage-settle"),
    path("triage/settle-many/", triage.triage_settle_many, name="triage-settle-many"),
    path("triage/rows/<int:pk>/search/", triage.triage_search, name="triage-search"),
    path("triage/undo/<int:pk>/", triage.triage_undo, name="triage-undo"),
    path("triage/memory/", triage.memory_list, name="triage-memory"),
    path("triage/memory/<int:pk>/forget/", triage.memory_forget, name="triage-forget"),
    path("leads/", leads.lead_list, name="lead-list"),
    path("rounds/<uuid:uuid>/why/<uuid:household>/", leads.household_why, name="household-why"),
    path("rounds/<uuid:uuid>/compare/", candidates.round_compare, name="round-compare"),
    path("rounds/<uuid:uuid>/collect/", candidates.round_collect, name="round-collect"),
    path("rounds/<uuid:uuid>/submit/", candidates.round_submit, name="round-submit"),
    path("rounds/<uuid:uuid>/take-back/", candidates.round_take_back, name="round-take-back"),
    path("rounds/<uuid:uuid>/board/", candidates.candidate_board, name="candidate-board"),
    path("rounds/<uuid:uuid>/candidates/", candidates.candidate_list, name="candidate-list"),
    path(
        "rounds/<uuid:uuid>/candidates/list/", candidates.candidate_put_on_list, name="candidate-put-on-list"
    ),
    path(
        "rounds/<uuid:uuid>/candidates/unlist/",
        candidates.candidate_take_off_list,
        name="candidate-take-off-list",
    ),
    path("rounds/<uuid:uuid>/candidates/carry/", candidates.candidate_carry, name="candidate-carry"),
    path(
        "rounds/<uuid:uuid>/candidates/supplement/",
        candidates.candidate_supplement,
        name="candidate-supplement",
    ),
    path("candidates/<uuid:uuid>/", candidates.candidate_detail, name="candidate-detail"),
    path("verifications/", verification.verification_list, name="verification-list"),
    path("verifications/settle/", verification.verification_settle, name="verification-settle"),
    path("verifications/dismiss/", verification.verification_dismiss, name="verification-dismiss"),
    path("verifications/ask-again/", verification.verification_ask_again, name="verification-ask-again"),
    path(
        "verifications/together/",
        verification.verification_answer_together,
        name="verification-answer-together",
    ),
    path("verifications/<uuid:uuid>/", verification.verification_detail, name="verification-detail"),
    path("verifications/photos/<uuid:uuid>/", verification.verification_photo, name="verification-photo"),
    path("inquiries/", verification.inquiry_list, name="inquiry-list"),
    path("inquiries/<uuid:uuid>/reply/", verification.inquiry_reply, name="inquiry-reply"),
    path("national/", national.national_list, name="national-list"),
    path("national/missing/", national.national_missing, name="national-missing"),
    path("national/answers/", national.national_answers_in, name="national-answers"),
    path("national/answers/<uuid:uuid>/", national.national_sheet, name="national-sheet"),
    path(
        "national/answers/<uuid:uuid>/returned/",
        national.national_sheet_returned,
        name="national-sheet-returned",
    ),
    path("national/<uuid:uuid>/", national.national_item, name="national-item"),
    path("national/<uuid:uuid>/take/", national.national_take, name="national-take"),
    path("national/<uuid:uuid>/answer/", national.national_answer, name="national-answer"),
    path("national/<uuid:uuid>/correct/", national.national_correct, name="national-correct"),
    path("", include("screening.meetings.urls")),
    path("rounds/<uuid:uuid>/sweep/progress/", rounds.round_progress, name="round-progress"),
    path("rounds/<uuid:uuid>/sweep/cancel/", rounds.round_sweep_cancel, name="round-sweep-cancel"),
    path("rounds/<uuid:uuid>/found/", rounds.round_found, name="round-found"),
    path("feeds/early/", feeds.feed_early, name="feed-early"),
    path("field/", field.field_home, name="field-home"),
    path("field/<uuid:uuid>/", field.field_progress, name="field-progress"),
    path("field/<uuid:uuid>/villages/<slug:code>/", field.field_village, name="field-village"),
    path("field/<uuid:uuid>/households/", field.household_pick, name="household-pick"),
    path("field/<uuid:uuid>/households/<uuid:household>/", field.entry_new, name="entry-new"),
    path("field/<uuid:uuid>/newcomer/", field.entry_newcomer, name="entry-newcomer"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/", field.hamlet_sign_off, name="hamlet-sign-off"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/sheet/", field_papers.hamlet_sheet, name="hamlet-sheet"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/doors/", field_papers.door_sheets, name="door-sheets"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/typing/", field_typing.field_typing, name="field-typing"),
    path("entries/", field.entry_list, name="entry-list"),
    path("entries/<uuid:uuid>/", field.entry_detail, name="entry-detail"),
    path("entries/<uuid:uuid>/settle/", field.entry_settle, name="entry-settle"),
    path("entry-photos/<uuid:uuid>/", field.entry_photo, name="entry-photo"),
    path("simulations/", simulations.simulation_list, name="simulation-list"),
    path("simulations/new/", simulations.simulation_new, name="simulation-new"),
    path("simulations/<uuid:uuid>/", simulations.simulation_detail, name="simulation-detail"),
]
