from django.urls import path

from screening.comparison.views import candidates, verification

urlpatterns = [
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
]
