"""All routes, and the pages for what went wrong."""

from __future__ import annotations

from django.urls import include, path

from kundenkontor.config.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("", include("kundenkontor.web.urls")),
    path("office/", include("kundenkontor.office.urls")),
    path("", include("kundenkontor.portal.urls")),
]

handler400 = "kundenkontor.web.pages.bad_request"
handler403 = "kundenkontor.web.pages.permission_denied"
handler404 = "kundenkontor.web.pages.page_not_found"
handler500 = "kundenkontor.web.pages.server_error"
handler429 = "kundenkontor.web.pages.too_many_requests"  # allauth looks it up here
