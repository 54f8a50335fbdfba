"""The one public origin: API, live stream, pages."""

from django.urls import path, re_path

from fengsui.web import health, pages, tiles
from fengsui.web.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("healthz", health.healthz),
    path("metrics", health.metrics_page),
    path("favicon.ico", pages.favicon),
    path("tiles/<slug:layer>/<int:zoom>/<int:column>/<int:row>", tiles.tile),
    path("sign-in/", pages.sign_in),
    path("link/<str:token>", pages.one_time_link),
    re_path(r"^(?:desk|field|public)$", pages.add_slash),
    re_path(r"^(?P<app>desk|field|public)/(?P<path>.*)$", pages.app_page),
    path("", pages.root),
]

handler400 = "fengsui.web.api.unreadable_page"
handler404 = "fengsui.web.api.not_found_page"
handler500 = "fengsui.web.api.broken_page"
