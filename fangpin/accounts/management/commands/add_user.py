from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from fangpin.accounts import codes
from fangpin.accounts.models import Department, Division, Duty, User
from fangpin.accounts.roles import Role
from fangpin.common import audit


class Command(BaseCommand):
    help = "Creates a user with one duty and prints a one-time password; for the first administrator."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--division", required=True, help="division code; 6 digits for a county")
        parser.add_argument("--department", default="", help="department code, for department officers")

    def handle(self, *_args, **options) -> None:
        division = Division.objects.filter(code=options["division"].ljust(12, "0")).first()
        if division is None:
            raise CommandError(f"没有这个区划：{options['division']}")
        if User.objects.filter(username=options["username"]).exists():
            raise CommandError(f"用户名 {options['username']} 已经有了。")
        code = codes.new_code()
        with transaction.atomic():
            department = None
            if options["department"]:
                department = Department.objects.get(
                    county_id=division.county_code, code=options["department"]
                )
            user = User(username=options["username"], name=options["name"], made_in=division)
            codes.give_code(user, code)
            user.save()
            Duty.objects.create(user=user, role=options["role"], division=division, department=department)
            audit.record(None, "user_create", user, role=options["role"], division=division.pk)
        self.stdout.write(
            f"已建立用户 {user.username}，一次性密码：{codes.grouped(code.text)}（首次登录须修改）"
        )
