"""Tokens of the API."""

from django.db import models
from django.utils import timezone


class ApiToken(models.Model):
    """接口令牌: only its digest is kept. It can do what its scopes and its duty both allow, as long as both
    last."""

    digest = models.CharField("校验码", max_length=64, unique=True)
    hint = models.CharField("开头", max_length=12, help_text="to tell tokens apart in lists")
    duty = models.ForeignKey("accounts.Duty", models.PROTECT, related_name="tokens", verbose_name="岗位")
    scopes = models.JSONField("权限", default=list)
    created_at = models.DateTimeField("签发时间", default=timezone.now)
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("作废时间", null=True)
    last_used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        verbose_name = "接口令牌"

    def __str__(self) -> str:
        return f"{self.hint}… {self.duty}"

    def allows(self, permission: str) -> bool:
        return permission in self.scopes
