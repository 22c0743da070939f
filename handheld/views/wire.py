"""What a phone asks and sends: opened with the password, then with the token of its store."""

import json
from functools import wraps

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from fangpin.accounts import acting
from fangpin.accounts.models import Level
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from handheld import intake, pack, phones, photos
from handheld.models import PhonePhoto

SCHEME = "Phone "


def answer(words: str, status: int, **more) -> JsonResponse:
    return JsonResponse({"detail": words, **more}, status=status)


def by_phone(view):
    """The caller is a store on a phone, known by its token; no cookie counts, so nothing can be forged with
    one."""

    @wraps(view)
    def checked(request: HttpRequest, *args, **kwargs):
        secret = request.headers.get("Authorization", "")
        phone = phones.find_phone(secret[len(SCHEME) :].strip()) if secret.startswith(SCHEME) else None
        if phone is None:
            return answer("手机的登录已过期，请重新输密码。没有上传的记录还在手机上。", 401)
        request.phone, request.user = phone, phone.user
        return view(request, *args, **kwargs)

    page = csrf_exempt(checked)
    page.permission = None
    return page


def body(request: HttpRequest) -> dict:
    try:
        payload = json.loads(request.body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Refused("没有完整传到，请重试。")
    return payload


@csrf_exempt
@require_POST
def phone_open(request: HttpRequest) -> HttpResponse:
    """Name and password for a store with its key and token. JSON: username, password, known (uuid of a store
    that the phone has), duty (where there are several)."""
    try:
        given = body(request)
    except Refused as refused:
        return answer(refused.message, 400)
    user = authenticate(
        request, username=str(given.get("username", "")), password=str(given.get("password", ""))
    )
    if user is None:
        return answer("用户名或密码不对。忘记密码请联系本县系统管理员重置。", 403)
    if user.must_change_password:
        return answer("您用的是一次性密码。请先在登录页登录，改好密码再来。", 403)
    duties = [duty for duty in acting.duties_of(user) if _enters(user, duty)]
    chosen = [duty for duty in duties if str(duty.pk) == str(given.get("duty", ""))] or duties
    if not chosen and (opened := phones.reopen_phone(user, str(given.get("known", "")))):
        return _opened(opened)
    if not chosen:
        return answer("手机入户由村“两委”干部和驻村工作队员用，您没有这样的岗位。", 403)
    if len(chosen) > 1:
        return JsonResponse(
            {"choose": [[duty.pk, f"{duty.role_label}（{duty.place_name}）"] for duty in chosen]}
        )
    user.act_in(chosen[0])
    return _opened(phones.open_phone(user, str(given.get("known", ""))))


def _opened(opened: phones.Opened) -> HttpResponse:
    user = opened.phone.user
    return JsonResponse(
        {
            "phone": str(opened.phone.uuid),
            "key": opened.phone.key,
            "token": opened.token,
            "person": {"uuid": str(user.uuid), "name": user.name},
        }
    )


phone_open.permission = None


def _enters(user: Actor, duty) -> bool:
    return user.act_in(duty).may("field.enter") and duty.division.level == Level.VILLAGE


@by_phone
@gzip_page  # for 2G; nothing in it was chosen by somebody else, and no cookie opens it
@require_http_methods(["GET"])
def phone_pack(request: HttpRequest) -> HttpResponse:
    """The village's pack; 304 where the phone has it already, 410 where the duty has ended: the phone wipes
    it."""
    if not request.user.may("field.enter"):
        return answer("您在这个村的岗位已经结束，手机上的村里资料已清除。没有上传的记录还可以上传。", 410)
    content = pack.build_pack(request.phone)
    tag = f'"{pack.digest(content)}"'
    known = request.headers.get("If-None-Match", "").removeprefix("W/")  # compressed, it came as a weak one
    if known == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    audit.record(request.user, "phone_pack", request.phone, households=len(content["households"]))
    return JsonResponse(content, headers={"ETag": tag, "Cache-Control": "no-store"})


phone_pack.permission = "field.enter"


@by_phone
@require_POST
def phone_entry(request: HttpRequest) -> HttpResponse:
    """One entry. JSON: uuid, content (text), digest, sent_at. 200 with its state, 409 where the uuid came
    with another content, 400 where it is none."""
    try:
        given = body(request)
        received = intake.receive_entry(
            given.get("uuid"),
            given.get("content"),
            given.get("digest"),
            phone=request.phone,
            sent_at=str(given.get("sent_at", "")),
        )
    except intake.Differs as differs:
        return answer(differs.message, 409)
    except Refused as refused:
        return answer(refused.message, 400)
    return JsonResponse({"is_new": received.is_new, **pack.state_of(received.row)})


@by_phone
@require_http_methods(["PUT"])
def phone_photo(request: HttpRequest, uuid) -> HttpResponse:
    """One piece of a photo. Query: entry, digest, size, offset (bytes). Answers how much is there."""
    ask = request.GET
    try:
        size, offset = int(ask.get("size", "")), int(ask.get("offset", ""))
    except ValueError:
        return answer("照片的大小不对。", 400)
    piece = request.body
    if len(piece) > PhonePhoto.PIECE * 2:
        return answer("这一段太长。", 400)
    try:
        photo = photos.begin_photo(
            uuid, ask.get("entry"), digest=ask.get("digest", "")[:64], size=size, phone=request.phone
        )
        photo = photos.receive_piece(photo, offset, piece)
    except photos.Elsewhere as elsewhere:
        return answer(elsewhere.message, 409, have=elsewhere.have)
    except Refused as refused:
        return answer(refused.message, 400)
    return JsonResponse({"have": photo.have, "done": photo.done_at is not None, "refusal": photo.refusal})


@by_phone
@require_POST
def phone_leave(request: HttpRequest) -> HttpResponse:
    """Signed out on the phone."""
    phones.leave_phone(request.phone)
    return JsonResponse({})
