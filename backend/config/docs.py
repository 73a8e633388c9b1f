"""The OpenAPI document (/api/schema/) and its page (/api/docs/).

The page is Swagger UI. Its files come from a package, nothing is loaded from other sites, and the
Content-Security-Policy is that of the panel's page.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from config.openapi import document

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Alarm panel: the API</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</html>
"""
# A request that changes something needs the token of GET /api/session/.
START = """
SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: '/api/schema/',
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: async (request) => {
    if (request.method !== 'GET' && request.method !== undefined) {
      const session = await (await fetch('/api/session/')).json();
      request.headers['X-CSRFToken'] = session.csrf_token;
    }
    return request;
  },
});
"""
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; img-src 'self' data:"  # Swagger UI's icons
)
TYPES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE, headers={"Content-Security-Policy": POLICY})


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    if name == "start.js":
        return HttpResponse(START, content_type="text/javascript")
    if name not in TYPES:
        raise Http404
    return HttpResponse(content_of(name), content_type=TYPES[name])


@cache
def content_of(name: str) -> bytes:
    """Return a file of Swagger UI, without importing the package that brings it."""
    spec = find_spec("drf_spectacular_sidecar")
    package = Path(str(spec and spec.origin)).parent
    return (package / "static/drf_spectacular_sidecar/swagger-ui-dist" / name).read_bytes()
