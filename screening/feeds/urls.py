from django.urls import path

from screening.feeds.views import feeds, headings

urlpatterns = [
    path("feeds/rounds/<uuid:uuid>/<slug:kind>/upload/", feeds.feed_upload, name="feed-upload"),
    path("feeds/", feeds.feed_list, name="feed-list"),
    path("feeds/<uuid:uuid>/", feeds.feed_detail, name="feed-detail"),
    path("feeds/<uuid:uuid>/accept/", feeds.feed_accept, name="feed-accept"),
    path("feeds/<uuid:uuid>/returned/", feeds.feed_returned, name="feed-returned"),
    path("feeds/<uuid:uuid>/headings/", headings.feed_map, name="feed-map"),
    path("feeds/<uuid:uuid>/amend/", feeds.feed_amend, name="feed-amend"),
    path("feeds/<uuid:uuid>/discard/", feeds.feed_discard, name="feed-discard"),
    path("feeds/headings/<int:pk>/forget/", headings.heading_forget, name="heading-forget"),
    path("feeds/<slug:kind>/template/", feeds.feed_template, name="feed-template"),
    path("feeds/early/", feeds.feed_early, name="feed-early"),
]
