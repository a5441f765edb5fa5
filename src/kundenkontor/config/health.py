"""Whether this process can serve: it answers ok only if the database answers."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kundenkontor.web.gate.policy import public


@public
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 ``ok`` or 503 ``database``; for load balancers and supervisors."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")
