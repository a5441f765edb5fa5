"""Addresses of routes, for what writes hundreds of them on a page."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.urls import reverse

FIRST_MARK = 987_654_321


def address_of(name: str, *args: int | str) -> str:
    """What ``reverse`` says; ids are filled into the pattern of their route, which is looked up once."""
    for arg in args:  # a generator would cost more than all the rest
        if type(arg) is not int:
            return reverse(name, args=args)
    return _pattern(settings.ROOT_URLCONF, name, len(args)).format(*args)


@cache
def _pattern(urlconf: str, name: str, count: int) -> str:
    marks = [FIRST_MARK + number for number in range(count)]
    address = reverse(name, urlconf, marks)
    for number, mark in enumerate(marks):
        address = address.replace(str(mark), f"{{{number}}}")
    return address
