"""Django with django-cors-headers, served by waitress."""

import logging
import os
import sys

import waitress
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path

CONFIGURATION = os.environ["CONFIGURATION"]
ALLOWED = os.environ["ALLOWED"]

RIGHT = {
    "CORS_ALLOWED_ORIGINS": [ALLOWED],
    "CORS_ALLOW_CREDENTIALS": True,
    "CORS_ALLOW_METHODS": ["GET", "POST", "PUT", "DELETE"],
    "CORS_ALLOW_HEADERS": ["authorization", "content-type", "x-trace"],
    "CORS_EXPOSE_HEADERS": ["X-Total"],
    "CORS_PREFLIGHT_MAX_AGE": 60,
}
SETTINGS = {
    "default": {},
    "right": RIGHT,
    # See `MIDDLEWARE`.
    "mistake": RIGHT,
    # A pattern without anchors at the end.
    "dangerous": {**RIGHT, "CORS_ALLOWED_ORIGINS": [], "CORS_ALLOWED_ORIGIN_REGEXES": [r"^http://app\.localhost"]},
}


class Login:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/private" and request.headers.get("Authorization") != "Bearer 1":
            return HttpResponse("Unauthorized", status=401)
        return self.get_response(request)


MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", "server.Login"]
if CONFIGURATION == "mistake":
    # The login runs first, so preflights need one too.
    MIDDLEWARE.reverse()

sys.modules["server"] = sys.modules["__main__"]
logging.disable(logging.CRITICAL)
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["corsheaders"],
    MIDDLEWARE=MIDDLEWARE,
    ROOT_URLCONF="server",
    **SETTINGS[CONFIGURATION],
)


def items(request):
    headers = {"X-Total": "3", "X-Request-Id": "7", "Cache-Control": "no-store"}
    return JsonResponse([1, 2, 3], safe=False, status=201 if request.method == "POST" else 200, headers=headers)


def redirect(request):
    return HttpResponseRedirect(f"/items?{request.META['QUERY_STRING']}")


def fails(request):
    raise RuntimeError("a failure of the application")


urlpatterns = [path("items", items), path("private", items), path("redirect", redirect), path("fails", fails)]

server = waitress.create_server(get_wsgi_application(), host="127.0.0.1", port=0)
print(f"port {server.effective_port}", flush=True)
server.run()
