from django.core.management.base import BaseCommand
from django.utils import timezone

from fangpin.accounts.places.divisions import load_departments, load_divisions
from fangpin.common import reference, working_days
from fangpin.policy.services import load_defaults


class Command(BaseCommand):
    help = (
        "Loads what every installation needs: divisions, departments, policy, working days. Safe to repeat."
    )

    def handle(self, *_args, **_options) -> None:
        self.stdout.write(f"区划 {load_divisions()} 个，部门 {load_departments()} 个")
        year = timezone.localdate().year
        self.stdout.write(
            f"政策参数新增 {load_defaults()} 项，工作日历新增 {working_days.seed(2020, year + 1)} 天"
        )
        for label, added in reference.load():
            self.stdout.write(f"{label}新增 {added} 项")
