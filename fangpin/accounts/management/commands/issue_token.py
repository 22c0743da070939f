from django.core.management.base import BaseCommand, CommandError

from fangpin.accounts import acting, tokens
from fangpin.accounts.models import Duty, User
from fangpin.accounts.roles import ROLE_PERMISSIONS


class Command(BaseCommand):
    help = "Issues an API token for a duty of USERNAME and prints it, once. --revoke HINT ends one."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username", nargs="?", default="")
        parser.add_argument("--scopes", default="", help=f"comma-separated: {', '.join(tokens.SCOPES)}")
        parser.add_argument("--days", type=int, default=90, help="how long it lasts, at most 400")
        parser.add_argument("--division", default="", help="where the duty lies, if there are several")
        parser.add_argument("--revoke", default="", metavar="HINT", help="the first 8 characters of a token")

    def handle(self, *_args, **options) -> None:
        if options["revoke"]:
            self._revoke(options["revoke"][:8])
            return
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            token, secret = tokens.issue(
                self._duty(options["username"], scopes, options["division"]), scopes, days=options["days"]
            )
        except tokens.TokenRefused as error:
            raise CommandError(error.message) from error
        self.stderr.write(
            f"已为 {token.duty} 签发令牌，{token.expires_at:%Y-%m-%d} 到期，岗位结束时一同失效。"
            "下面这一行只显示这一次，请妥善保存。"
        )
        self.stdout.write(secret)

    def _revoke(self, hint: str) -> None:
        if not tokens.revoke(hint):
            raise CommandError(f"没有以 {hint} 开头的有效令牌。")
        self.stdout.write(f"以 {hint} 开头的令牌已作废。")

    def _duty(self, username: str, scopes: list[str], division: str) -> Duty:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户 {username}，或已停用。")
        fitting = [
            duty
            for duty in acting.duties_of(user)
            if set(scopes) & ROLE_PERMISSIONS[duty.role] and duty.division_id.startswith(division.rstrip("0"))
        ]
        if len(fitting) != 1:
            choices = "、".join(
                f"{duty.role_label}（{duty.division_id} {duty.place_name}）" for duty in fitting
            )
            raise CommandError(
                f"用户 {username} 有几个岗位可用：{choices}。请用 --division 写明在哪个区划。"
                if fitting
                else f"用户 {username} 没有带这些权限的岗位。"
            )
        return fitting[0]
