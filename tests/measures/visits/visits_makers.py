"""Visits for tests: recorded with what is required, and a photo that says where it was taken."""

import datetime
import io

from PIL import Image

from households.models import Case
from measures.models import Visit
from measures.visits import visits
from tests.measures.releases.endings import today

DAY = datetime.timedelta(days=1)


def record(case: Case, *, by, **changed) -> Visit:
    given = {
        "on": today(),
        "visitors": [by.name],
        "risks": dict.fromkeys(case.risks.filter(state="open"), ("better", "")),
    }
    return visits.record_visit(case.household, by=by, **given | changed)


def picture() -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "某手机"
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG", exif=exif)
    return stream.getvalue()
