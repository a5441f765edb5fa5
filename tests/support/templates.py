"""Django's test client keeps what a page was rendered with (``response.context``), if the template says so.

Its own templates do in a test run; Jinja2's do here.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.backends.jinja2 import Template
from django.test.signals import template_rendered


def tell_what_is_rendered() -> None:
    render = Template.render

    def told(self: Template, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        known = {} if context is None else context
        template_rendered.send(sender=self, template=self, context=known)
        return render(self, known, request)

    Template.render = told  # type: ignore[method-assign]
