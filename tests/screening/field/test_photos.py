"""Photos of a verification: written anew, kept encrypted, shown to whoever may see the task."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from fangpin.common.files import pictures, private_files
from screening.comparison import compare as comparison
from screening.models import Verification, VerificationPhoto
from tests import factories
from tests.screening.rounds import pages, quarter
from tests.screening.rounds.quarter import MEDICAL

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


def photo(width=2400, height=1200, colour="red", form="JPEG") -> bytes:
    """With the place where it was taken in its EXIF."""
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (23.0, 57.0, 0.0)
    exif[0x0110] = "PHONE-MODEL-CANARY"
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, form, exif=exif)
    return stream.getvalue()


@pytest.fixture
def task(round_2020q1, office) -> Verification:
    home = factories.household()
    factories.income(home, "4000", year=2019)
    quarter.online(round_2020q1, home)
    comparison.compare_round(round_2020q1, by=office)
    return Verification.objects.get(household=home)


def send(client, user, task, *contents, **more):
    client.force_login(user)
    files = [SimpleUploadedFile(f"{n}.jpg", content, "image/jpeg") for n, content in enumerate(contents)]
    answer = {f"answer_{MEDICAL}": "cannot_bear", "visited_on": "2020-03-20", "photos": files, **more}
    return client.post(reverse("screening:verification-detail", args=[task.uuid]), answer)


def test_a_photo_is_made_small_and_forgets_where_it_was_taken():
    cleaned = pictures.clean(photo())
    with Image.open(io.BytesIO(cleaned)) as picture:
        assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (1600, 800), 0)
    assert b"CANARY" not in cleaned


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n broken", b"GIF89a" + b"0" * 99])
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(pictures.PictureRefused, match="照片"):
        pictures.clean(content)


def test_a_picture_of_too_many_points_is_refused():
    with pytest.raises(pictures.PictureRefused, match="太大"):
        pictures.clean(photo(8000, 7000, form="PNG"))


def test_the_village_sends_photos_and_the_township_sees_them(client, task, village_cadre, township_officer):
    send(client, village_cadre, task, photo(), photo(colour="blue"))
    shown = VerificationPhoto.objects.filter(verification=task)
    assert shown.count() == 2
    page = pages.page(client, township_officer, "screening:verification-detail", task.uuid)
    address = reverse("screening:verification-photo", args=[shown[0].uuid])
    assert address in pages.words(page)
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    with Image.open(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)) as picture:
        assert picture.size == (1600, 800)


def test_kept_encrypted(client, task, village_cadre):
    send(client, village_cadre, task, photo())
    kept = VerificationPhoto.objects.get()
    assert private_files.load(kept.stored_name).startswith(b"\xff\xd8")
    raw = (private_files._path(kept.stored_name)).read_bytes()
    assert not raw.startswith(b"\xff\xd8")


def test_the_same_photo_again_is_kept_once(client, task, village_cadre):
    send(client, village_cadre, task, photo())
    send(client, village_cadre, task, photo())
    assert VerificationPhoto.objects.count() == 1


def test_at_most_six_of_a_household(client, task, village_cadre):
    send(client, village_cadre, task, *[photo(colour=(n, 0, 0)) for n in range(0, 250, 50)])
    response = send(client, village_cadre, task, photo(colour="blue"), photo(colour="green"))
    assert "最多 6 张" in pages.words(response)
    assert VerificationPhoto.objects.count() == 5


def test_no_photo_at_all_says_so_and_answers_nothing(client, task, village_cadre):
    response = send(client, village_cadre, task, b"not a photo")
    assert response.status_code == 422
    assert "这不是能打开的照片" in pages.words(response)
    task.refresh_from_db()
    assert (task.state, VerificationPhoto.objects.count()) == ("asked", 0)


def test_another_village_gets_no_photo(client, task, village_cadre):
    from fangpin.accounts.roles import Role

    send(client, village_cadre, task, photo())
    neighbour = factories.user("neighbour", Role.VILLAGE_CADRE, factories.SISTER_VILLAGE)
    client.force_login(neighbour)
    address = reverse("screening:verification-photo", args=[VerificationPhoto.objects.get().uuid])
    assert client.get(address).status_code == 404
