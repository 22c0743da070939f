"""What the commands of the contract share: county, acting user, JSON on stdout alone, exit codes.

0 done; 1 refused as a whole and nothing changed; 2 wrong usage.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fangpin.accounts import acting
from fangpin.accounts.models import Division, Level, User


def county_code(text: str) -> str:
    """Six or twelve digits to the county's 12-digit code."""
    if not text.isdigit() or len(text) not in (6, 12):
        raise argparse.ArgumentTypeError(f"县代码要写成 6 位数字，例如 451228，不是 {text}")
    return text if len(text) == 12 else text + "000000"


_UNREADABLE = {
    FileNotFoundError: "没有这个文件，请核对路径和文件名。",
    NotADirectoryError: "没有这个文件，请核对路径和文件名。",
    IsADirectoryError: "这是文件夹，不是文件，请写明其中的文件。",
    PermissionError: "没有读取的权限，请核对文件的权限。",
}
_NOT_READ = "读取时出错，请确认文件没有损坏、路径没有写错。"


class CountyCommand(BaseCommand):
    """A command over one county; `permission` is what the acting user needs there, or None."""

    permission: str | None = None
    requires_migrations_checks = False

    def add_arguments(self, parser) -> None:
        parser.add_argument("--county", required=True, type=county_code, help="county code, 6 digits")
        if self.permission:
            parser.add_argument("--as", dest="username", required=True, help="user name of who acts")
        parser.add_argument("--json", action="store_true", help="JSON on stdout; messages go to stderr")

    def county(self, options: dict[str, Any]) -> Division:
        division = Division.objects.filter(code=options["county"], level=Level.COUNTY).first()
        if division is None:
            raise self.refused(
                f"没有这个县：{options['county'].removesuffix('000000')}。请先执行 manage.py setup 载入区划。"
            )
        return division

    def actor(self, options: dict[str, Any]) -> User:
        try:
            return acting.user_for(options["username"], self.permission, options["county"])
        except acting.CannotAct as error:
            raise self.refused(error.message) from error

    def content(self, path: str) -> tuple[str, bytes]:
        """Name and bytes of a file that is handed in."""
        try:
            return Path(path).name, Path(path).read_bytes()
        except OSError as error:
            reason = next(
                (words for kind, words in _UNREADABLE.items() if isinstance(error, kind)), _NOT_READ
            )
            raise self.refused(f"读不了文件 {path}：{reason}") from error

    def refused(self, message: str) -> CommandError:
        return CommandError(message, returncode=1)

    def answer(self, options: dict[str, Any], data: dict, words: str) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(data, ensure_ascii=False))
            self.stderr.write(words)
        else:
            self.stdout.write(words)


def outcome_words(outcome) -> str:
    """Counts and the first faults, for a terminal."""
    lines = [
        f"读到 {outcome.read} 行：可用 {outcome.good}（新增 {outcome.created}、更新 {outcome.changed}、"
        f"未变 {outcome.unchanged}），待核对 {len(outcome.set_aside)}，退回 {len(outcome.refused)}。"
    ]
    lines += [f"注意：{note}" for note in outcome.notes]
    if outcome.unknown_headings:
        columns = "、".join(outcome.unknown_headings)
        lines.append(f"没有用到的列：{columns}。其中若有需要的内容，请把列名改成模板中的叫法后重新导入。")
    for title, faults in (
        ("待核对", outcome.set_aside),
        ("退回", outcome.refused),
        ("提示", outcome.warnings),
    ):
        lines += [f"{title} 第 {fault.row} 行（{fault.code}）：{fault.message}" for fault in faults[:20]]
        if len(faults) > 20:
            lines.append(f"{title} 还有 {len(faults) - 20} 行。")
    if outcome.missing:
        lines.append(f"户册中有、本表没有的人 {len(outcome.missing)} 名，未删除，请核对是否应办理减少。")
    return "\n".join(lines)
