"""The page that opens without a network, its worker and its manifest: the same for everybody, naming
nobody."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.gzip import gzip_page

from handheld import assets

CONTEXT = {"libraries": assets.LIBRARIES, "modules": assets.MODULES, "styles": assets.STYLES}


@gzip_page
def handheld(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_page())
    response["Cache-Control"] = "no-cache"
    return response


def _page() -> str:
    return render_to_string("handheld/shell.html", CONTEXT)


@gzip_page
def handheld_worker(request: HttpRequest) -> HttpResponse:
    """The service worker; another version of any file makes another worker."""
    page = reverse("handheld:handheld")
    context = {
        "version": assets.version(_page()),
        "page": page,
        "files": [*assets.kept(), reverse("handheld:manifest")],
    }
    response = render(request, "handheld/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def manifest(_request: HttpRequest) -> HttpResponse:
    content = {
        "name": "精准防贫 · 手机入户",
        "short_name": "防贫入户",
        "lang": "zh-CN",
        "display": "standalone",
        "start_url": reverse("handheld:handheld"),
        "scope": reverse("handheld:handheld"),
        "background_color": "#f3f5f8",
        "theme_color": "#12263f",
        "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(content, content_type="application/manifest+json")
