"""佐证材料: what is kept, what is refused, who opens and withdraws it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow
from households import attachments
from households.attachments import AttachmentRefused
from households.models import Attachment
from tests import factories

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 sound"


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def home():
    return factories.household(number="H")


@pytest.fixture
def cadre():
    return factories.user("cadre", Role.VILLAGE_CADRE, factories.VILLAGE)


def photo(size=(3000, 2000), exif: bytes = b"") -> bytes:
    stream = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    tags = picture.getexif()
    tags[0x010E] = "GPS 金丝雀"
    picture.save(stream, "JPEG", exif=tags)
    return stream.getvalue()


def put(home, by, content=PDF, title="出院小结") -> Attachment:
    return attachments.attach(home, kind="illness", title=title, content=content, by=by)


def files(tmp_path) -> int:
    return sum(path.is_file() for path in tmp_path.rglob("*"))


def test_pdf_is_kept_sealed_and_comes_back_as_it_was(home, cadre, tmp_path):
    kept = put(home, cadre)
    assert attachments.opened(kept, by=cadre) == PDF
    assert all(PDF not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [row.act for row in AuditRow.objects.order_by("id")][-2:] == ["attachment_add", "attachment_view"]


def test_picture_is_made_small_and_loses_what_the_phone_wrote(home, cadre):
    kept = put(home, cadre, photo())
    content = private_files.load(kept.stored_name)
    with Image.open(io.BytesIO(content)) as picture:
        assert max(picture.size) == 1600
        assert not picture.getexif()


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<svg onload=x>", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"])
def test_anything_else_is_refused_and_leaves_nothing(home, cadre, tmp_path, content):
    with pytest.raises(AttachmentRefused):
        put(home, cadre, content)
    assert files(tmp_path) == 0
    assert not Attachment.objects.exists()


def test_same_paper_twice_is_kept_once(home, cadre, tmp_path):
    put(home, cadre)
    with pytest.raises(AttachmentRefused, match="已经传过"):
        put(home, cadre)
    assert files(tmp_path) == 1


def test_thirty_papers_and_no_more(home, cadre, monkeypatch):
    monkeypatch.setattr(Attachment, "MOST", 2)
    put(home, cadre, PDF + b"1")
    second = put(home, cadre, PDF + b"2")
    with pytest.raises(AttachmentRefused, match="最多 2 份"):
        put(home, cadre, PDF + b"3")
    attachments.withdraw(second, reason="传错了户", by=cadre)
    put(home, cadre, PDF + b"3")


def test_withdrawn_the_file_goes_and_the_record_stays(
    home, cadre, tmp_path, django_capture_on_commit_callbacks
):
    kept = put(home, cadre)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.withdraw(kept, reason="传错了户", by=cadre)
    assert files(tmp_path) == 0
    kept.refresh_from_db()
    assert (kept.withdrawn_reason, kept.withdrawn_by) == ("传错了户", cadre)
    put(home, cadre)  # the same paper may come again
    with pytest.raises(AttachmentRefused, match="已作废"):
        attachments.withdraw(kept, reason="再来一次", by=cadre)


def test_only_who_handed_it_in_or_the_office_withdraws(home, cadre, office):
    mate = factories.user("mate", Role.VILLAGE_CADRE, factories.VILLAGE)
    kept = put(home, cadre)
    with pytest.raises(AttachmentRefused, match="上传人或县办公室"):
        attachments.withdraw(kept, reason="x", by=mate)
    with pytest.raises(AttachmentRefused, match="为什么"):
        attachments.withdraw(kept, reason=" ", by=office)
    attachments.withdraw(kept, reason="不是这户的", by=office)


def test_database_holds_that_who_and_when_go_together(home, cadre):
    kept = put(home, cadre)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=kept.pk).update(withdrawn_by=cadre)


def test_page_adds_shows_and_tells_what_is_wrong(client, home, cadre):
    client.force_login(cadre)
    add = reverse("households:attachment-add", args=[home.uuid])
    sent = {"kind": "housing", "title": "后墙裂缝", "file": SimpleUploadedFile("a.jpg", photo((80, 60)))}
    words = client.post(add, sent, follow=True).content.decode()
    assert "已保存“后墙裂缝”" in words and "房屋鉴定和照片" in words
    kept = Attachment.objects.get()
    answer = client.get(reverse("households:attachment-open", args=[kept.uuid]))
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    bad = {"kind": "housing", "title": "", "file": SimpleUploadedFile("a.exe", b"MZ")}
    assert "请写一句这是什么材料" in client.post(add, bad, follow=True).content.decode()
    bad["title"] = "程序"
    bad["file"] = SimpleUploadedFile("a.exe", b"MZ")
    assert "只收 PDF 文件和 JPG、PNG 照片" in client.post(add, bad, follow=True).content.decode()
    gone = reverse("households:attachment-withdraw", args=[kept.uuid])
    words = client.post(gone, {"reason": "拍糊了"}, follow=True).content.decode()
    assert "已作废" in words and "拍糊了" in words
    assert client.get(reverse("households:attachment-open", args=[kept.uuid])).status_code == 404
