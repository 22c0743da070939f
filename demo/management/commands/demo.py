import argparse
import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.db.models import Count

from demo import people, prepare, server
from fangpin.accounts.models import Duty
from households.models import Household, Member
from screening import criteria
from screening.models import Lead, Round


def _households(words: str) -> int:
    if words.isdigit() and 20 <= int(words) <= 200_000:
        return int(words)
    raise argparse.ArgumentTypeError("户数要在 20 到 200000 之间")


class Command(BaseCommand):
    help = "Prepares the demo county on an empty database and serves it; run again, it keeps the data."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--households", type=_households, default=2000, help="how many (2000)")
        parser.add_argument("--seed", type=int, default=2020, help="the same seed makes the same county")
        parser.add_argument("--empty", action="store_true", help="users and reference data alone")
        parser.add_argument("--no-server", action="store_true", help="prepare and stop")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不能运行演示：演示用户的密码是公开的。")
        started = time.monotonic()
        known = self._check()
        self._say("正在准备数据库……")
        call_command("migrate", verbosity=0, interactive=False)
        if known:
            self._say("数据库里已有演示数据，保持原样。要重新生成，请换一个空的数据库，或删除原来的。")
        else:
            call_command("setup", stdout=self.stderr)
            wanted = prepare.Wanted(options["households"], options["seed"], options["empty"])
            prepare.prepare(wanted, self._say)
        self._say(f"准备完毕，用时 {time.monotonic() - started:.0f} 秒。")
        self._print_users()
        if not options["no_server"]:
            self._serve(options["port"])

    def _check(self) -> bool:
        try:
            return prepare.is_prepared()
        except prepare.ForeignData as error:
            raise CommandError(error.message) from error
        except OperationalError as error:
            raise CommandError(f"连不上数据库，请检查 DATABASE_URL：{error}") from error

    def _serve(self, port: int) -> None:
        try:
            server.serve(
                port,
                lambda port: self.stdout.write(f"\n请打开 http://{server.HOST}:{port}　（按 Ctrl-C 结束）"),
            )
        except OSError as error:
            words = f"端口 {port} 不能用，可能已被别的程序占用，请用 --port 换一个：{error.strerror}"
            raise CommandError(words) from error
        self._say("\n演示已结束。再次运行即可继续，数据还在。")

    def _say(self, words: str) -> None:
        self.stderr.write(words)
        self.stderr.flush()

    def _print_users(self) -> None:
        """What there is: users, counts, files."""
        write = self.stdout.write
        duties = Duty.objects.in_force().select_related("user", "division", "department").order_by("id")
        write("\n用户名             姓名与岗位")
        for duty in duties:
            write(f"{duty.user.username:<18} {duty.user.name} · {duty.role_label} · {duty.place_name}")
        write(f"密码都是 {people.PASSWORD}\n")
        write(f"农户 {Household.objects.count():,} 户 {Member.objects.current().count():,} 人")
        for round in Round.objects.all():
            write(f"{round}（{round.get_state_display()}）")
            self._print_leads(round)
        if Household.objects.exists():
            write(f"可试着上传的文件：{prepare.FOLDER}")

    def _print_leads(self, round: Round) -> None:
        leads = Lead.objects.filter(round=round).current().values("subcriterion").order_by("subcriterion")
        for row in leads.annotate(count=Count("pk")):
            label = criteria.subcriteria()[row["subcriterion"]].label
            self.stdout.write(f"  风险线索 {row['count']:>6,} 条：{label}")
