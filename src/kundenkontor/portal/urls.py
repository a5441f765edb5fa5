"""Routes of the portal: those of every area. Addresses are German, as customers read them aloud."""

from __future__ import annotations

from kundenkontor import portal
from kundenkontor.web.areas import routes_of

app_name = "portal"
urlpatterns = routes_of(portal)
