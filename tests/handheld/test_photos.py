"""Photos of an entry: in pieces, from where they stopped, without EXIF, joined to what the entry has
become."""

import datetime
import hashlib
import io
import uuid

import pytest
from django.utils import timezone
from PIL import Image

from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from handheld import intake, photos
from handheld.models import Phone, PhonePhoto
from screening.models import EntryPhoto
from tests import factories
from tests.handheld.phones_makers import content, damaged, phone_of, picture, send

pytestmark = pytest.mark.django_db
PIECE = PhonePhoto.PIECE


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    return settings.PRIVATE_ROOT


@pytest.fixture
def row(home, round_2020q1, phone):
    return send(
        phone, content("entry", damaged(), round=str(round_2020q1.uuid), household=str(home.uuid), seen="")
    ).row


def begin(row, whole: bytes, phone, key=None) -> PhonePhoto:
    code = hashlib.sha256(whole).hexdigest()
    return photos.begin_photo(key or uuid.uuid4(), row.uuid, digest=code, size=len(whole), phone=phone)


def upload(row, whole: bytes, phone) -> PhonePhoto:
    photo = begin(row, whole, phone)
    while photo.done_at is None:
        photo = photos.receive_piece(photo, photo.have, whole[photo.have : photo.have + PIECE])
    return photo


def kept(folder) -> int:
    return len([path for path in folder.rglob("*") if path.is_file()])


def test_photo_comes_in_pieces_and_joins_the_entry(row, phone, place):
    whole = picture()
    assert len(whole) > 3 * PIECE
    photo = upload(row, whole, phone)
    joined = EntryPhoto.objects.get(entry=row.entry)
    assert private_files.load(joined.stored_name)[:2] == b"\xff\xd8"
    assert (photo.pieces, kept(place)) == ([], 1)


def test_exif_stays_out(row, phone):
    stream, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "PhoneMaker"
    Image.new("RGB", (2000, 900), "green").save(stream, "JPEG", exif=exif)
    upload(row, stream.getvalue(), phone)
    content = private_files.load(EntryPhoto.objects.get().stored_name)
    assert b"PhoneMaker" not in content
    assert Image.open(io.BytesIO(content)).size == (1600, 720)


def test_piece_sent_again_changes_nothing(row, phone):
    whole = picture()
    photo = begin(row, whole, phone)
    for _ in range(3):
        photo = photos.receive_piece(photo, 0, whole[:PIECE])
    assert photo.have == PIECE


def test_piece_ahead_is_told_where_the_server_stands(row, phone, place):
    whole = picture()
    photo = begin(row, whole, phone)
    photos.receive_piece(photo, 0, whole[:PIECE])
    with pytest.raises(photos.Elsewhere) as refusal:
        photos.receive_piece(photo, 2 * PIECE, whole[2 * PIECE : 3 * PIECE])
    assert refusal.value.have == PIECE
    assert kept(place) == 1


def test_photo_broken_on_the_way_begins_again(row, phone, place):
    whole = picture()
    photo = begin(row, whole, phone)
    wrong = bytes(len(whole))
    while photo.have < photo.size and photo.done_at is None:
        photo = photos.receive_piece(photo, photo.have, wrong[photo.have : photo.have + PIECE])
        if photo.have == 0:
            break
    assert (photo.have, photo.done_at, kept(place)) == (0, None, 0)


# ---- Pieces that were left ----
OLD = datetime.timedelta(days=photos.DAYS_KEPT, minutes=1)


def begun(row, phone, *, seen: datetime.timedelta, since: datetime.timedelta = OLD) -> PhonePhoto:
    """A photo of which two pieces came, `since` ago, of a phone that was last `seen` so long ago."""
    whole, photo = picture(), None
    photo = begin(row, whole, phone)
    for start in (0, PIECE):
        photo = photos.receive_piece(photo, start, whole[start : start + PIECE])
    PhonePhoto.objects.filter(pk=photo.pk).update(at=timezone.now() - since)
    Phone.objects.filter(pk=phone.pk).update(seen_at=timezone.now() - seen)
    return photo


def dropped(django_capture_on_commit_callbacks) -> int:
    with django_capture_on_commit_callbacks(execute=True):
        return photos.drop_old_pieces()


def test_pieces_of_a_phone_that_fell_silent_are_removed(
    row, phone, place, django_capture_on_commit_callbacks
):
    photo = begun(row, phone, seen=OLD)
    assert kept(place) == 2
    assert dropped(django_capture_on_commit_callbacks) == 1
    photo.refresh_from_db()
    assert (photo.have, photo.pieces, kept(place)) == (0, [], 0)
    assert dropped(django_capture_on_commit_callbacks) == 0


def test_pieces_stay_while_the_phone_is_heard_of(row, phone, place, django_capture_on_commit_callbacks):
    begun(row, phone, seen=datetime.timedelta(days=29))
    assert dropped(django_capture_on_commit_callbacks) == 0
    assert kept(place) == 2


def test_pieces_stay_while_another_phone_of_the_writer_is_heard_of(
    row, phone, village_cadre, place, django_capture_on_commit_callbacks
):
    begun(row, phone, seen=OLD)
    phone_of(village_cadre)
    assert dropped(django_capture_on_commit_callbacks) == 0
    assert kept(place) == 2


def test_phone_that_begins_again_meanwhile_keeps_its_pieces(row, phone, place, monkeypatch):
    begun(row, phone, seen=OLD)
    original = PhonePhoto.objects.select_for_update

    def signs(*args, **kwargs):
        Phone.objects.filter(pk=phone.pk).update(seen_at=timezone.now())
        return original(*args, **kwargs)

    monkeypatch.setattr(PhonePhoto.objects, "select_for_update", signs)
    assert photos.drop_old_pieces() == 0
    assert kept(place) == 2


def test_whole_photos_are_not_touched(row, phone, place, django_capture_on_commit_callbacks):
    photo = upload(row, picture(), phone)
    PhonePhoto.objects.filter(pk=photo.pk).update(at=timezone.now() - OLD)
    Phone.objects.filter(pk=phone.pk).update(seen_at=timezone.now() - OLD)
    assert dropped(django_capture_on_commit_callbacks) == 0
    assert EntryPhoto.objects.count() == kept(place) == 1


def test_phone_that_comes_back_late_sends_from_the_beginning(
    row, phone, place, django_capture_on_commit_callbacks
):
    photo = begun(row, phone, seen=OLD)
    dropped(django_capture_on_commit_callbacks)
    with pytest.raises(photos.Elsewhere) as refusal:
        photos.receive_piece(photo, 2 * PIECE, b"more")
    assert refusal.value.have == 0


def test_what_is_no_picture_is_told(row, phone):
    photo = upload(row, b"no picture at all", phone)
    assert "不是能打开的照片" in photo.refusal
    assert not EntryPhoto.objects.exists()


def test_six_and_no_more(row, phone):
    for number in range(6):
        upload(row, picture((60 + number, 60)), phone)
    with pytest.raises(Refused, match="最多 6 张"):
        begin(row, picture((90, 90)), phone)
    assert EntryPhoto.objects.count() == 6


def test_same_picture_twice_is_kept_once(row, phone):
    whole = picture((80, 80))
    upload(row, whole, phone)
    upload(row, whole, phone)
    assert EntryPhoto.objects.count() == 1


def test_photo_of_an_entry_that_is_not_there_yet_has_to_wait(phone):
    with pytest.raises(Refused, match="还没有收到"):
        photos.begin_photo(uuid.uuid4(), uuid.uuid4(), digest="0" * 64, size=10, phone=phone)


def test_photo_of_somebody_elses_entry_is_refused(row, office):
    from fangpin.accounts.roles import Role

    other = phone_of(factories.user("cadre2", Role.VILLAGE_CADRE, factories.VILLAGE))
    with pytest.raises(Refused):
        begin(row, picture((60, 60)), other)


def test_number_of_a_photo_is_used_once(row, phone):
    key = uuid.uuid4()
    begin(row, picture((60, 60)), phone, key)
    with pytest.raises(Refused):
        begin(row, picture((61, 61)), phone, key)


def test_photo_of_a_waiting_entry_joins_when_it_is_settled(home, round_2020q1, phone, township_officer):
    fields = damaged(visited_on=(datetime.date.today() + datetime.timedelta(days=1)).isoformat())
    text = content("entry", fields, round=str(round_2020q1.uuid), household=str(home.uuid), seen="")
    row = send(phone, text).row
    assert row.state == "attention"
    upload(row, picture((70, 70)), phone)
    assert not EntryPhoto.objects.exists()
    row.content["fields"]["visited_on"] = "2020-03-11"
    type(row).objects.filter(pk=row.pk).update(content=row.content)
    intake.settle_entry(row, by=township_officer, applies=True, words="日期核对过")
    assert EntryPhoto.objects.count() == 1
