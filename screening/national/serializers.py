"""What the API of the national system takes and gives; every field is listed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from screening.models import ItemKind, NationalItem
from screening.national import acknowledgements, items, register
from screening.national.acknowledgements import Answer

_WORDS = {"type": "object", "additionalProperties": {"type": "string"}}


class DifferenceSerializer(serializers.Serializer[Any]):
    """A field that is to be corrected."""

    person = serializers.CharField(help_text="家庭成员姓名；空为户的信息")
    id_number = serializers.CharField(help_text="系统中这个人的证件号码；空为户的信息")
    field = serializers.CharField(help_text="登记表的列名")
    old = serializers.CharField(help_text="系统原有的值")
    new = serializers.CharField(help_text="应改成的值")


class ChangeSerializer(serializers.ModelSerializer[Any]):
    """One change, in the wording and columns of the national register."""

    household = serializers.SerializerMethodField(help_text="户的信息：登记表列名 → 值")
    members = serializers.SerializerMethodField(
        help_text="家庭成员，户主在前：登记表列名 → 值；标注和撤回只有户主"
    )
    changes = serializers.SerializerMethodField(help_text="更正的内容")

    class Meta:
        model = NationalItem
        fields = ["uuid", "cursor", "kind", "reason", "offered_at", "household", "members", "changes"]
        read_only_fields = fields
        extra_kwargs = {
            "uuid": {"help_text": "事项编号，回执中原样带回"},
            "cursor": {"help_text": "序号，只增不减；回执中原样带回"},
            "kind": {
                "help_text": "mark 标注、entry 录入、correction 更正、withdrawal 撤回、release 取消关注"
            },
        }

    @extend_schema_field(_WORDS)
    def get_household(self, item: NationalItem) -> dict[str, Any]:
        return item.payload["household"]

    @extend_schema_field({"type": "array", "items": _WORDS})
    def get_members(self, item: NationalItem) -> list[dict[str, Any]]:
        return register.shown_members(item.kind, item.payload)

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_changes(self, item: NationalItem) -> list[dict[str, Any]]:
        return item.payload.get("changes", []) if item.kind == ItemKind.CORRECTION else []


class ChangesSerializer(serializers.Serializer[Any]):
    """A page of changes."""

    changes = ChangeSerializer(many=True)
    next = serializers.IntegerField(help_text="下一次请求的 since")
    more = serializers.BooleanField(help_text="后面还有")


class ChangesQuerySerializer(serializers.Serializer[Any]):
    since = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**63 - 1, help_text="上一次的 next；从头开始为 0"
    )
    limit = serializers.IntegerField(
        required=False, default=100, min_value=1, max_value=items.BATCH, help_text="一页最多几项"
    )


class AcknowledgementSerializer(serializers.Serializer[Any]):
    """What the national system answered to one item."""

    uuid = serializers.UUIDField(help_text="事项编号")
    cursor = serializers.IntegerField(
        required=False, allow_null=True, help_text="取到时的序号；退回后重新取走的，旧序号的回执不再接受"
    )
    national_number = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=acknowledgements.NUMBER_LENGTH,
        help_text="国家系统户编号",
    )
    error = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=acknowledgements.REASON_LENGTH,
        help_text="系统退回的原因",
    )

    def validate_national_number(self, number: str) -> str:
        if number and not acknowledgements.is_number(number):
            raise serializers.ValidationError("户编号只有数字和字母。")
        return number

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["national_number"] and data["error"]:
            raise serializers.ValidationError("户编号和退回原因只能填一个。")
        return data

    def answer(self, data: dict[str, Any]) -> Answer:
        return Answer(str(data["uuid"]), data["national_number"], data["error"], data.get("cursor"))


class AcknowledgementsSerializer(serializers.Serializer[Any]):
    """Answers are taken all or none; those recorded before change nothing."""

    acknowledgements = AcknowledgementSerializer(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=items.BATCH
    )


class TakenSerializer(serializers.Serializer[Any]):
    acknowledged = serializers.IntegerField(help_text="新登记为系统已接收")
    refused = serializers.IntegerField(help_text="新登记为系统退回")
    unchanged = serializers.IntegerField(help_text="早已登记过，没有变化")
