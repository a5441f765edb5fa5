"""Routes of the office: master data and money."""

from __future__ import annotations

from kundenkontor.office import urls_master, urls_money

app_name = "office"
urlpatterns = [*urls_master.urlpatterns, *urls_money.urlpatterns]
