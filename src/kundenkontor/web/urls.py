"""Routes that portal and office share. allauth's own names are kept, because its flows look them up."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path

from kundenkontor.web import pages
from kundenkontor.web.areas import Entry
from kundenkontor.web.sign_in import views as sign_in

urlpatterns = [
    path("account/login/", sign_in.login, name="account_login"),
    path("account/logout/", sign_in.logout, name="account_logout"),
    path(
        "account/password/change/",
        sign_in.password_change,
        name="account_change_password",
    ),
    path("account/password/reset/", sign_in.password_reset, name="account_reset_password"),
    path(
        "account/password/reset/done/",
        sign_in.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "account/password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("preferences/language/", pages.set_language, name="set_language"),
    path("preferences/theme/", pages.set_theme, name="set_theme"),
    path("preferences/customer/", pages.switch_customer, name="switch_customer"),
    re_path(
        r"^legal/(?P<seller>[-\w]+)/(?P<kind>imprint|privacy|terms)/$",
        pages.legal,
        name="legal",
    ),
]

if settings.MODE == "test":
    from kundenkontor.web import gallery

    NAVIGATION = [
        Entry(1, "Mein Konto", "set_theme", "home", ""),
        Entry(2, "Dienste", "set_language", "package", ""),
        Entry(3, "Rechnungen", "web_gallery", "invoice", ""),
        Entry(4, "Zahlungen", "switch_customer", "payment", ""),
        Entry(5, "Tickets", "account_reset_password", "ticket", ""),
        Entry(6, "Kontoeinstellungen", "account_login", "gear", ""),
    ]
    urlpatterns += [
        path("web/gallery/", gallery.gallery, name="web_gallery"),
        path("web/gallery/progress/", gallery.progress, name="web_gallery_progress"),
    ]
