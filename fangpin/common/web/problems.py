"""Errors of the API: problem+json (RFC 9457) with a stable `code` and a Chinese `detail` that says what to
do."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from fangpin.common.transitions import NotAllowed, OutOfScope, TransitionRefused

CONTENT_TYPE = "application/problem+json"

# code → what is said where the error itself says nothing of its own.
DETAILS = {
    "not_authenticated": "请求没有带令牌。请在请求头中加 Authorization: Bearer 令牌。",
    "authentication_failed": "令牌不对、已到期、已作废，或所属岗位已经结束。请联系本县系统管理员重新签发。",
    "permission_denied": "这个令牌没有办理这一步的权限。请联系本县系统管理员。",
    "not_found": "没有这个地址，或内容不在令牌的管辖范围内。",
    "method_not_allowed": "这个地址不支持这种请求方法。",
    "not_acceptable": "只能以 application/json 回答。",
    "unsupported_media_type": "请以 application/json 提交。",
    "parse_error": "内容不是有效的 JSON，没有办理。请检查后再提交。",
    "throttled": "请求太频繁，请按 Retry-After 的秒数稍后再试。",
    "invalid": "提交的内容有误，没有办理。错误见 errors。",
}


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as it is answered; only for the schema."""

    type = serializers.CharField(help_text="urn:fangpin:problem:<code>")
    title = serializers.CharField(help_text="HTTP 状态的名称")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="固定的错误代码，供程序判断")
    detail = serializers.CharField(help_text="中文说明，写明怎么办")
    items = serializers.ListField(child=serializers.CharField(), required=False, help_text="有问题的事项编号")
    errors = serializers.JSONField(required=False, help_text="字段 → 错误")  # type: ignore[assignment]


def problem(
    code: str, http_status: int, detail: str = "", *, items: Sequence[str] = (), errors: Any = None
) -> Response:
    body = {
        "type": f"urn:fangpin:problem:{code}",
        "title": HTTPStatus(http_status).phrase,
        "status": http_status,
        "code": code,
        "detail": detail or DETAILS.get(code, DETAILS["invalid"]),
    }
    body |= {"items": list(items)} if items else {}
    body |= {"errors": errors} if errors is not None else {}
    return Response(body, status=http_status, content_type=CONTENT_TYPE)


def handle(error: Exception, _context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None leaves an error of the program to the 500 page."""
    set_rollback()
    if isinstance(error, TransitionRefused):
        return _refused(error)
    if isinstance(error, Http404):
        return problem("not_found", 404)
    if isinstance(error, PermissionDenied):
        return problem("permission_denied", 403)
    if isinstance(error, exceptions.ValidationError):
        return problem("invalid", 400, errors=error.detail)
    if isinstance(error, exceptions.APIException):
        answer = problem(_code(error), error.status_code)
        if header := getattr(error, "auth_header", None):
            answer.headers["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            answer.headers["Retry-After"] = str(max(1, round(wait)))
        return answer
    return None


def _code(error: exceptions.APIException) -> str:
    return error.default_code if error.default_code in DETAILS else "invalid"


def _refused(error: TransitionRefused) -> Response:
    """The door said no: not allowed 403, not to be seen 404, in another state 409 with the ids."""
    ids = getattr(error, "ids", None) or [str(getattr(row, "uuid", row.pk)) for row in error.rows]
    code = 403 if isinstance(error, NotAllowed) else 404 if isinstance(error, OutOfScope) else 409
    return problem(error.code, code, error.message, items=ids)
