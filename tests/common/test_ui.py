import datetime

import pytest
import segno
from django import forms
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import escape

from fangpin.common.templatetags import ui

TODAY = datetime.date(2020, 3, 5)


class SampleForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致")
    answer = forms.ChoiceField(
        label="核实", choices=[("yes", "属实"), ("no", "不属实")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="已与本人核对")


def render(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (2365000, "23,650.00"),
        (5, "0.05"),
        (0, "0.00"),
        (-150, "-1.50"),
        (-5, "-0.05"),
        (None, "—"),
        ("", "—"),
    ],
)
def test_yuan(fen, shown):
    assert ui.yuan(fen) == shown


def test_yuan_is_exact_for_sums_past_float():
    assert ui.yuan(900719925474099301) == "9,007,199,254,740,993.01"


def test_day():
    assert ui.day(TODAY) == "2020年3月5日"
    assert ui.day(None) == "—"


def test_short_day():
    assert ui.short_day(TODAY) == "3月5日"
    assert ui.short_day(None) == "—"


def test_day_of_a_moment_is_the_local_day():
    late_evening_utc = datetime.datetime(2020, 3, 4, 17, 0, tzinfo=datetime.UTC)
    with timezone.override("Asia/Shanghai"):
        assert ui.day(late_evening_utc) == "2020年3月5日"


@pytest.mark.parametrize(
    ("deadline", "words", "late"),
    [
        (datetime.date(2020, 3, 7), "还剩 2 天", False),
        (datetime.date(2020, 3, 5), "今天到期", False),
        (datetime.date(2020, 3, 4), "超期 1 天", True),
    ],
)
def test_due(deadline, words, late):
    shown = ui.due(deadline, TODAY)
    assert words in shown
    assert ("late" in shown) is late
    assert ui.day(deadline) in shown


def test_due_counts_from_the_local_day_by_default():
    assert "今天到期" in ui.due(timezone.localdate())


def test_due_without_a_deadline():
    assert ui.due(None) == "—"


def test_icon_escapes_its_arguments():
    shown = ui.icon('x"><script>')
    assert "<script>" not in shown
    assert 'aria-hidden="true"' in shown


def test_with_class_on_a_field():
    shown = ui.with_class(SampleForm()["name"], "form-control")
    assert 'class="form-control"' in shown
    assert "is-invalid" not in shown


def test_with_class_marks_a_field_with_errors():
    shown = ui.with_class(SampleForm({})["name"], "form-control")
    assert 'class="form-control is-invalid"' in shown
    assert 'aria-invalid="true"' in shown


def test_with_class_keeps_the_widgets_own_class():
    form = SampleForm()
    form.fields["name"].widget.attrs["class"] = "num"
    assert 'class="form-control num"' in ui.with_class(form["name"], "form-control")


def test_field_ties_label_help_and_error_to_the_input():
    shown = render('{% include "components/field.html" %}', field=SampleForm({})["name"])
    assert '<label class="form-label" for="id_name">' in shown
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'id="id_name_helptext"' in shown
    assert 'id="id_name_error"' in shown
    assert "必填" in shown


def test_field_of_choices_is_a_group_with_a_legend():
    shown = render('{% include "components/field.html" %}', field=SampleForm()["answer"])
    assert "<legend" in shown
    assert shown.count('class="form-check-input"') == 2
    assert 'for="id_answer_1"' in shown


@pytest.mark.parametrize(
    ("lamp", "word"),
    [
        ("red", "亮灯预警"),
        ("yellow", "帮扶中"),
        ("blue", "跟踪中"),
        ("green", "已取消关注"),
        ("none", "未亮灯"),
    ],
)
def test_lamp_always_carries_its_word(lamp, word):
    assert word in render('{% include "components/lamp.html" %}', lamp=lamp)


def test_progress_polls_only_while_the_job_runs():
    job = {
        "percent": 40,
        "label": "数据比对",
        "state_label": "进行中",
        "is_active": True,
        "poll_url": "/jobs/1/",
    }
    source = '{% include "components/progress.html" %}'
    assert 'hx-get="/jobs/1/"' in render(source, job=job)
    assert "hx-get" not in render(source, job={**job, "is_active": False})


def test_qr_holds_the_address_of_the_record(rf):
    page = Template("{% qr '/screening/meetings/x/' %}").render(Context({"request": rf.get("/anything/")}))
    plain = segno.make("http://testserver/screening/meetings/x/", error="m").svg_data_uri(border=1)
    assert escape(plain) in page
    assert 'alt="本表的二维码"' in page
