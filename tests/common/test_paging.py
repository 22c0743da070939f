import pytest
from django.test import RequestFactory

from fangpin.accounts.models import Division
from fangpin.common.web.paging import page

ORDER = ("parent_id", "code")


def villages():
    return Division.objects.filter(code__startswith="4512281")


def turn(url, size=20):
    return page(RequestFactory().get(url), villages(), ORDER, size=size)


def test_pages_forward_show_every_row_once(db):
    seen, url = [], "/x/"
    while url:
        shown = turn(url)
        seen += [row.code for row in shown]
        url = shown.next_url
    assert seen == list(villages().order_by(*ORDER).values_list("code", flat=True))


def test_pages_backward_show_the_same(db):
    first = turn("/x/?a=1")
    second = turn(first.next_url)
    back = turn(second.previous_url)
    assert [row.code for row in back] == [row.code for row in first]
    assert back.previous_url == ""
    assert "a=1" in back.next_url


@pytest.mark.parametrize("mark", ["", "xxx", "W10", "bnVsbA", "%00"])
def test_broken_mark_shows_the_first_page(db, mark):
    assert [row.code for row in turn(f"/x/?after={mark}")] == [row.code for row in turn("/x/")]


def test_page_takes_one_query_and_a_cached_count(db, django_assert_num_queries):
    turn("/x/")
    with django_assert_num_queries(1):
        shown = turn("/x/")
    assert shown.count == villages().count()


def test_list_on_one_page_is_counted_by_what_it_shows(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        shown = turn("/x/", size=1000)
    assert shown.count == len(shown) == villages().count()


def test_count_never_says_less_than_the_page(db, monkeypatch):
    monkeypatch.setattr("fangpin.common.web.paging.cache.get", lambda key: 0)
    assert turn("/x/").count == villages().count()
