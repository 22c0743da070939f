"""Filters and tags of the pages: money, dates, deadlines, icons, and Bootstrap classes on form fields."""

import datetime
from typing import Any

import segno
from django import template
from django.forms.boundfield import BoundWidget
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html

from fangpin.common.logs import request_ids
from fangpin.common.values import money

register = template.Library()

NOTHING = "—"


@register.simple_tag
def request_id() -> str:
    """The number of this request, as it stands in the logs; needs no context."""
    return request_ids.current.get()


def _local_date(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    return value


@register.filter
def yuan(fen: Any) -> str:
    """Integer fen as yuan with two decimals: 2365000 -> 23,650.00. The unit 元 is written by the page."""
    return money.yuan(None if fen == "" else fen)


@register.filter
def day(value: Any) -> str:
    """2020年3月5日."""
    if not value:
        return NOTHING
    value = _local_date(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def short_day(value: Any) -> str:
    """3月5日, where the year is plain from the page."""
    if not value:
        return NOTHING
    value = _local_date(value)
    return f"{value.month}月{value.day}日"


@register.filter
def due(deadline: Any, today: Any = None) -> str:
    """Days left to a deadline, in words; the date itself is the tooltip. Counts calendar days."""
    if not deadline:
        return NOTHING
    left = (_local_date(deadline) - (_local_date(today) or timezone.localdate())).days
    if left < 0:
        css, words = "due late", f"超期 {-left} 天"
    elif left == 0:
        css, words = "due due-today", "今天到期"
    else:
        css, words = "due", f"还剩 {left} 天"
    return format_html('<span class="{}" title="{}">{}</span>', css, day(deadline), words)


@register.filter
def cited(sentence: Any) -> Any:
    """A reason whose article, after the last dot, is not broken over two lines."""
    reason, dot, article = str(sentence).rpartition(" · ")
    return format_html('{} · <span class="cite">{}</span>', reason, article) if dot else sentence


@register.filter
def with_class(field: Any, css: str) -> Any:
    """Render a bound field, or one choice of it, with these classes; one with errors is also `is-invalid`."""
    if isinstance(field, BoundWidget):
        field.data["attrs"]["class"] = css
        return field.tag()
    own = field.field.widget.attrs.get("class", "")
    names = f"{css} {own} is-invalid" if field.errors else f"{css} {own}"
    return field.as_widget(attrs={"class": " ".join(names.split())})


@register.simple_tag
def icon(name: str, css: str = "") -> str:
    """A drawing from the sprite. It says nothing to a screen reader: put words beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"icon {css}".strip(),
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def qr(context: Any, path: str) -> str:
    """The QR code of a record's page, for the corner of its paper: a photo of the sheet finds the record
    again."""
    address = context["request"].build_absolute_uri(path)
    picture = segno.make(address, error="m").svg_data_uri(border=1)
    return format_html('<img class="qr" src="{}" alt="本表的二维码" width="72" height="72">', picture)
