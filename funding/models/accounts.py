"""一卡通账户: where a household's money goes. Numbers are sealed, keyed and masked like ID numbers."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedTextField, KeyedIndexField
from households.models import Household, Member


class BankAccountQuerySet(ScopedQuerySet):
    scope_permission = "account.view"
    scope_path = "household__village_id"

    def current(self) -> Self:
        return self.filter(ended_at=None)


class BankAccount(models.Model):
    """The account of a household; a new one ends the one before."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="bank_accounts", verbose_name="农户"
    )
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", verbose_name="户内持卡人")
    holder = models.CharField("户名", max_length=60)
    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("账号")
    number_index = KeyedIndexField(editable=False)
    tail = models.CharField("账号末四位", max_length=4)
    # Set when a bank gave a payment back: nothing is paid there until a person has looked.
    failed_on = models.DateField("退回日期", null=True)
    failed_words = models.CharField("退回原因", max_length=120, blank=True, db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)
    ended_at = models.DateTimeField("停用时间", null=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "一卡通账户"
        indexes = [models.Index(fields=["number_index"], name="bank_account_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(ended_at=None),
                name="bank_account_one_a_household",
                violation_error_message="这户已有一个在用的账户。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.bank} 尾号 {self.tail}"
