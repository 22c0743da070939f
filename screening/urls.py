from django.urls import path

from screening.views import feeds, leads, rounds

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
]
