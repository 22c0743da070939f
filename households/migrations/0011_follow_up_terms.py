"""The follow-up year of the cases that there are: twelve months from their identification (Art. 9)."""

from django.db import migrations

from households.rules import months_after

MONTHS = 12
CHUNK = 2000


def set_terms(apps, schema_editor):
    case = apps.get_model("households", "Case")
    waiting = case.objects.filter(follow_until=None).order_by("pk")
    while cases := list(waiting.only("pk", "identified_on")[:CHUNK]):
        for each in cases:
            each.follow_until = each.evaluation_due = months_after(each.identified_on, MONTHS)
        case.objects.bulk_update(cases, ["follow_until", "evaluation_due"])


class Migration(migrations.Migration):
    dependencies = [("households", "0010_follow_up")]
    operations = [migrations.RunPython(set_terms, migrations.RunPython.noop)]
