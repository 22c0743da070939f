"""附件 of applications: scans of what was signed, sealed."""

from django.db import transaction

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files, scans
from fangpin.common.refusals import Refused
from funding.models import Application, ApplicationPaper

MOST = 20
_OPINIONS: dict[str, str] = {
    ApplicationPaper.Kind.OFFICE: "fund.approve_office",
    ApplicationPaper.Kind.FINANCE: "fund.approve_finance",
    ApplicationPaper.Kind.FILING: "fund.file",
}


def attach(application: Application, *, by: Actor, kind: str, title: str, content: bytes) -> ApplicationPaper:
    """Keeps a scan. Raises Refused."""
    form = scans.kind_of(content)
    if form is None or len(content) > scans.MOST_BYTES:
        raise Refused("附件须是不超过 20 MB 的 PDF、JPG 或 PNG 文件，请重新扫描后上传。")
    if not by.may(_OPINIONS.get(kind, "fund.apply")) and not by.may("fund.source"):
        raise Refused("这种签字页由办理这一步的单位上传。")
    with private_files.stored(content) as stored, transaction.atomic():
        own = (
            Application.objects.for_user(by).select_for_update(of=("self",)).filter(pk=application.pk).first()
        )
        if own is None or own.papers.count() >= MOST:
            raise Refused(f"一份申请最多 {MOST} 份附件。")
        kept = own.papers.create(
            kind=kind,
            title=title.strip()[:80],
            stored_name=stored,
            form=form,
            by=by,
            digest=private_files.digest(content),
        )
        audit.record(by, "fund_paper", own, paper=kept.pk, kind=kind, digest=kept.digest)
    return kept


def opened(paper: ApplicationPaper, *, by: Actor) -> bytes:
    """The content; who opened it is kept."""
    audit.record(by, "fund_paper_view", paper.application, paper=paper.pk)
    return private_files.load(paper.stored_name)
