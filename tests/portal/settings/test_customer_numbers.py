"""A login with more customer numbers than its switcher shows."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kundenkontor.parties.models import Customer
from tests.portal.builders import client_of, login
from tests.support.builders import ada, alpenhost, bob

pytestmark = [pytest.mark.django_db, pytest.mark.feature("M30")]
PAGE = "/konto/kundennummern/"


@pytest.fixture
def agency() -> list[Customer]:
    """55 customers of one agency, in the order of their names."""
    seller = alpenhost()
    return [
        ada(seller, number=f"9{n:04}", email=f"k{n}@x.example", company=f"Firma {n:02}", sort_key=f"firma {n:02}")
        for n in range(55)
    ]


def values_of(page: str) -> set[int]:
    return {int(one) for one in re.findall(r'name="customer" value="(\d+)"', page)}


def get(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_every_customer_number_is_found_and_chosen(agency: list[Customer]) -> None:
    client = client_of(login("agentur", *agency))
    stranger = bob(agency[0].seller, sort_key="firma 54 b")
    home = get(client, "/")
    last = agency[-1]
    assert last.pk not in values_of(home) and f'href="{PAGE}"' in home

    first = get(client, PAGE)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = get(client, PAGE + following[1].replace("&amp;", "&"))
    listed = values_of(first.split("<main")[1]) | values_of(second.split("<main")[1])
    assert listed == {one.pk for one in agency[1:]}  # the first is chosen already
    assert stranger.name not in first + second

    for words in ("90054", "firma 54"):
        assert values_of(get(client, f"{PAGE}?q={words}").split("<main")[1]) == {last.pk}
    client.post("/preferences/customer/", {"customer": last.pk})
    home = get(client, "/")
    assert last.name in home and last.pk in values_of(home)  # the chosen one is always among those shown


def test_a_login_with_few_customer_numbers_has_them_all_in_the_switcher(agency: list[Customer]) -> None:
    home = get(client_of(login("klein", *agency[:50])), "/")
    assert len(values_of(home)) == 50 and PAGE not in home
