"""The API of the national system: changes in order, and their acknowledgements (Art. 7(2)3)."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fangpin.common import audit
from fangpin.common.web.problems import CONTENT_TYPE, ProblemSerializer
from screening.models import ItemState, NationalItem
from screening.national import acknowledgements, items
from screening.national.serializers import (
    AcknowledgementsSerializer,
    ChangesQuerySerializer,
    ChangesSerializer,
    TakenSerializer,
)

TAG = ["全国系统"]
_problem = OpenApiResponse(ProblemSerializer, description="没有办理，原因见 code 和 detail")


def _problems(*codes: int) -> dict[Any, Any]:
    return dict.fromkeys(((code, CONTENT_TYPE) for code in codes), _problem)


class NationalChanges(APIView):
    """取走标注录入的内容: gives out what waits, then tells what came after `since` and is not answered
    yet."""

    permission = "national.pull"

    @extend_schema(
        operation_id="national_changes",
        tags=TAG,
        parameters=[ChangesQuerySerializer],
        summary="按序取走标注、录入、更正、撤回、取消关注",
        responses={200: ChangesSerializer, **_problems(400, 401, 403, 429)},
        description=(
            "每次请求先把等待的事项编上序号，再按序号回答 since 之后还没有回执的事项。序号只增不减，"
            "看到一个序号时，比它小的都已经可见，所以记住 next 就不会漏。同一事项在回执之前可以重复取到。"
        ),
    )
    def get(self, request: Request) -> Response:
        query = ChangesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        since, limit = query.validated_data["since"], query.validated_data["limit"]
        by: Any = request.user  # TokenMay lets nobody else in
        mine = NationalItem.objects.for_user(by)
        items.offer(mine, by=by, limit=limit + 1)  # one more tells whether there is more
        waiting = mine.filter(state=ItemState.OFFERED, cursor__gt=since).order_by("cursor")
        offered = list(waiting[: limit + 1])
        page = offered[:limit]
        if page:
            audit.record(
                by,
                "national_changes",
                since=since,
                until=page[-1].cursor,
                items=len(page),
                token=request.auth.pk,
            )
        body = {"changes": page, "next": page[-1].cursor if page else since, "more": len(offered) > limit}
        return Response(ChangesSerializer(body).data, headers={"Cache-Control": "no-store"})


class NationalAcknowledgements(APIView):
    """登记回执: the national number or the error of each, all or none, once."""

    permission = "national.answer"

    @extend_schema(
        operation_id="national_acknowledgements",
        tags=TAG,
        request=AcknowledgementsSerializer,
        summary="登记系统回执：户编号，或退回原因",
        responses={200: TakenSerializer, **_problems(400, 401, 403, 404, 409, 429)},
        description=(
            "整批登记，或整批不登记。已经同样登记过的不再变化，所以可以放心重发。与已登记的不同、还没有取走、"
            "或序号已旧的，以 409 列出事项编号。"
        ),
    )
    def post(self, request: Request) -> Response:
        sent = AcknowledgementsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        one: Any = sent.fields["acknowledgements"]
        by: Any = request.user  # TokenMay lets nobody else in
        taken = acknowledgements.record_answers(
            [one.child.answer(data) for data in sent.validated_data["acknowledgements"]], by=by
        )
        return Response(TakenSerializer(taken).data)
