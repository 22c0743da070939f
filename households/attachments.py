"""佐证材料 of a household: handed in, shown, withdrawn. Pictures are made small and lose where they were
taken."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import pictures, private_files, scans
from fangpin.common.refusals import Refused
from households.models import Attachment, Household


class AttachmentRefused(Refused):
    """Nothing was kept; `message` is Chinese and says what to do."""


def attach(household: Household, *, kind: str, title: str, content: bytes, by: Actor) -> Attachment:
    """Keeps a PDF, or a picture as a JPEG of at most 1,600 pixels a side. Raises AttachmentRefused."""
    form, content = _cleaned(content)
    digest = private_files.digest(content)
    try:
        with private_files.stored(content) as stored, transaction.atomic():
            Household.objects.select_for_update(no_key=True).get(pk=household.pk)
            if household.attachments.current().count() >= Attachment.MOST:
                raise AttachmentRefused(f"一户最多 {Attachment.MOST} 份材料，请先作废不用的。")
            kept = Attachment.objects.create(
                household=household,
                kind=kind,
                title=title.strip(),
                stored_name=stored,
                form=form,
                size=len(content),
                digest=digest,
                by=by,
            )
            audit.record(by, "attachment_add", household, attachment=kept.pk, kind=kind, digest=digest)
    except IntegrityError as error:
        raise AttachmentRefused("这份材料已经传过，没有再保存。") from error
    return kept


@contextmanager
def attached(
    household: Household, *, kind: str, title: str, content: bytes | None, by: Actor
) -> Iterator[Attachment | None]:
    """`attach`, around the act that the paper belongs to: what is raised inside takes both away again.
    No content is no paper."""
    if content is None:
        yield None
        return
    with transaction.atomic():
        kept = attach(household, kind=kind, title=title, content=content, by=by)
        with private_files.kept_while_written(kept.stored_name):
            yield kept


def withdraw(attachment: Attachment, *, reason: str, by: Actor) -> None:
    """作废, by whoever handed it in or by the office; the record stays, the file goes. Raises
    AttachmentRefused."""
    if not reason.strip():
        raise AttachmentRefused("请写明为什么作废。")
    if not may_withdraw(attachment, by):
        raise AttachmentRefused("只有上传人或县办公室能作废这份材料。")
    with transaction.atomic():
        gone = (
            Attachment.objects.current()
            .filter(pk=attachment.pk)
            .update(
                withdrawn_at=timezone.now(),
                withdrawn_by=by,
                withdrawn_reason=reason.strip()[:100],
                stored_name="",
            )
        )
        if not gone:
            raise AttachmentRefused("这份材料刚刚已作废，请刷新页面。")
        audit.record(
            by, "attachment_withdraw", attachment.household, attachment=attachment.pk, reason=reason.strip()
        )
        transaction.on_commit(lambda: private_files.remove(attachment.stored_name))


def may_withdraw(attachment: Attachment, user: Actor) -> bool:
    return user.may("attachment.add") and (attachment.by_id == user.pk or user.may("registry.import"))


def opened(attachment: Attachment, *, by: Actor) -> bytes:
    """The content; who opened it is kept."""
    audit.record(by, "attachment_view", attachment.household, attachment=attachment.pk)
    return private_files.load(attachment.stored_name)


def _cleaned(content: bytes) -> tuple[str, bytes]:
    if len(content) > scans.MOST_BYTES:
        raise AttachmentRefused("文件超过 20 MB，请降低扫描分辨率后再上传。")
    if scans.kind_of(content) == "pdf":
        return "pdf", content
    try:
        return "jpg", pictures.clean(content)
    except pictures.PictureRefused as error:
        raise AttachmentRefused("只收 PDF 文件和 JPG、PNG 照片，请重新扫描或另存后再上传。") from error
