from django.urls import include, path

from screening.views import comparison, feeds, leads, national, rounds, verification

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
    path("feeds/<slug:kind>/template/", feeds.feed_template, name="feed-template"),
    path("leads/", leads.lead_list, name="lead-list"),
    path("rounds/<uuid:uuid>/compare/", comparison.round_compare, name="round-compare"),
    path("rounds/<uuid:uuid>/collect/", comparison.round_collect, name="round-collect"),
    path("rounds/<uuid:uuid>/submit/", comparison.round_submit, name="round-submit"),
    path("rounds/<uuid:uuid>/take-back/", comparison.round_take_back, name="round-take-back"),
    path("rounds/<uuid:uuid>/board/", comparison.candidate_board, name="candidate-board"),
    path("rounds/<uuid:uuid>/candidates/", comparison.candidate_list, name="candidate-list"),
    path(
        "rounds/<uuid:uuid>/candidates/list/", comparison.candidate_put_on_list, name="candidate-put-on-list"
    ),
    path(
        "rounds/<uuid:uuid>/candidates/unlist/",
        comparison.candidate_take_off_list,
        name="candidate-take-off-list",
    ),
    path("rounds/<uuid:uuid>/candidates/carry/", comparison.candidate_carry, name="candidate-carry"),
    path(
        "rounds/<uuid:uuid>/candidates/supplement/",
        comparison.candidate_supplement,
        name="candidate-supplement",
    ),
    path("candidates/<uuid:uuid>/", comparison.candidate_detail, name="candidate-detail"),
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
    path("", include("screening.urls_meetings")),
]
