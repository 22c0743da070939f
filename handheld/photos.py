"""Photos of an entry: they come in pieces after it, go on where they stopped, and join what it has become."""

import datetime
import hashlib
import uuid as uuids
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from fangpin.common.files import pictures, private_files
from fangpin.common.refusals import Refused
from handheld.models import Phone, PhoneEntry, PhonePhoto
from measures.models import VisitPhoto
from screening.models import EntryPhoto, VerificationPhoto

DAYS_KEPT = 30  # pieces of a photo, after the last sign of its phone


class Elsewhere(Refused):
    """The piece does not begin where the last one ended; `have` says where that was (HTTP 409)."""

    def __init__(self, have: int):
        self.have = have
        super().__init__("照片的这一段接不上，请从已收到的地方继续。")


def begin_photo(key: Any, entry: Any, *, digest: str, size: int, phone: Phone) -> PhonePhoto:
    """The row of a photo, made at its first piece. Raises Refused."""
    try:
        key, entry = uuids.UUID(str(key)), uuids.UUID(str(entry))
    except ValueError:
        raise Refused("照片的编号不对。") from None
    if not 0 < size <= PhonePhoto.MOST_BYTES:
        raise Refused("照片太大，没有收下。")
    with transaction.atomic():
        row = PhoneEntry.objects.select_for_update(of=("self",)).filter(uuid=entry, by=phone.user_id).first()
        if row is None:
            raise Refused("这张照片的记录还没有收到，请先上传记录。")
        if (photo := PhonePhoto.objects.filter(uuid=key).first()) is not None:
            if (photo.entry_id, photo.digest, photo.size) != (row.pk, digest, size):
                raise Refused("照片的编号用过了，内容和这次的不一样。")
            return photo
        if row.photos.count() >= PhonePhoto.MOST:
            raise Refused(f"一条记录最多 {PhonePhoto.MOST} 张照片。")
        return PhonePhoto.objects.create(uuid=key, entry=row, digest=digest, size=size)


def receive_piece(photo: PhonePhoto, offset: int, piece: bytes) -> PhonePhoto:
    """Keeps the piece that begins at `offset` (bytes). Sent again it changes nothing. Raises Elsewhere."""
    used: list[str] = []
    with transaction.atomic():
        row = PhonePhoto.objects.select_for_update().get(pk=photo.pk)
        if row.done_at is not None or offset + len(piece) <= row.have:
            return row
        if offset != row.have:
            raise Elsewhere(row.have)
        if not piece or row.have + len(piece) > row.size:
            raise Refused("照片的这一段不对，请重新上传。")
        with private_files.stored(piece) as name:
            row.pieces, row.have = [*row.pieces, name], row.have + len(piece)
            if row.have == row.size:
                used, row.pieces = row.pieces, []
                _finish(row, used)
            row.save()
    _remove(used)
    return row


def _finish(row: PhonePhoto, pieces: list[str]) -> None:
    """All pieces are here: put together, checked, written anew, joined."""
    whole = b"".join(private_files.load(name) for name in pieces)
    if hashlib.sha256(whole).hexdigest() != row.digest:
        row.have = 0  # broken on the way: once more from the beginning
        return
    row.done_at = timezone.now()
    try:
        content = pictures.clean(whole)
    except pictures.PictureRefused as error:
        row.refusal = error.message[:200]
        return
    with private_files.stored(content) as name:
        row.stored_digest, row.stored_name = private_files.digest(content), name
        _join(row.entry, row)


def drop_old_pieces() -> int:
    """Photos that never came whole lose their pieces once no phone of their writer has been heard of for
    DAYS_KEPT. Should one come back all the same, it sends them from the beginning: it keeps a photo until the
    server has it."""
    old = timezone.now() - datetime.timedelta(days=DAYS_KEPT)
    lately = Phone.objects.filter(user=OuterRef("entry__by"), seen_at__gte=old)
    waiting = PhonePhoto.objects.filter(~Exists(lately), done_at=None, have__gt=0, at__lt=old)
    return sum(_drop(pk, waiting) for pk in list(waiting.values_list("pk", flat=True)))


def _drop(pk: int, waiting: QuerySet[PhonePhoto]) -> bool:
    """Checked once more under the lock: a phone that has begun to send again keeps its pieces."""
    with transaction.atomic():
        if not PhonePhoto.objects.select_for_update().filter(pk=pk).exists():
            return False
        if (photo := waiting.filter(pk=pk).first()) is None:
            return False
        names, photo.pieces, photo.have = photo.pieces, [], 0
        photo.save(update_fields=["pieces", "have"])
        transaction.on_commit(lambda: _remove(names))
    return True


def _remove(names: Iterable[str]) -> None:
    for name in names:
        private_files.remove(name)


def join_photos(entry: PhoneEntry) -> None:
    """After a person has put an entry in effect: its photos join what it has become."""
    for photo in entry.photos.exclude(stored_name=""):
        _join(entry, photo)
        photo.save(update_fields=["refusal"])


TARGETS = (("entry", EntryPhoto), ("verification", VerificationPhoto), ("visit", VisitPhoto))


def _join(entry: PhoneEntry, photo: PhonePhoto) -> None:
    for name, model in TARGETS:
        if (owner := getattr(entry, name)) is None:
            continue
        own = model.objects.filter(**{name: owner})
        if own.filter(digest=photo.stored_digest).exists():
            return
        if own.count() >= model.MOST:
            photo.refusal = f"这一户已有 {model.MOST} 张照片，这一张留在手机来件里。"
            return
        try:
            with transaction.atomic():
                model.objects.create(
                    **{name: owner}, stored_name=photo.stored_name, digest=photo.stored_digest, by=entry.by
                )
        except IntegrityError:
            return  # the same one has just come by another way
