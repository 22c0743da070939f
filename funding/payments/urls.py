from django.urls import path

from funding.payments import views

urlpatterns = [
    path("batches/", views.batch_list, name="batch-list"),
    path("batches/new/<uuid:uuid>/", views.batch_new, name="batch-new"),
    path("batches/new/<uuid:uuid>/again/", views.batch_again, name="batch-again"),
    path("batches/<uuid:uuid>/", views.batch_detail, name="batch-detail"),
    path("batches/<uuid:uuid>/send/", views.batch_send, name="batch-send"),
    path("batches/<uuid:uuid>/cancel/", views.batch_cancel, name="batch-cancel"),
    path("batches/<uuid:uuid>/settle/", views.batch_settle, name="batch-settle"),
    path("batches/<uuid:uuid>/come-back/", views.batch_come_back, name="batch-come-back"),
    path("batches/<uuid:uuid>/paper/", views.batch_paper, name="batch-paper"),
    path("batches/<uuid:uuid>/file/", views.bank_file, name="bank-file"),
    path("batches/<uuid:uuid>/answer/", views.answer_in, name="answer-in"),
    path("answers/<uuid:uuid>/", views.answer_detail, name="answer-detail"),
    path("answers/<uuid:uuid>/confirm/", views.answer_confirm, name="answer-confirm"),
    path("lines/<uuid:uuid>/give-up/", views.line_give_up, name="line-give-up"),
    path("unpaid/", views.unpaid_list, name="unpaid-list"),
]
