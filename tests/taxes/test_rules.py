"""Which VAT a line carries: the rule table, and what must never be decided silently."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from kundenkontor.taxes.notes import exemption_reason
from kundenkontor.taxes.rules import CustomerTaxStatus, Parked, SellerTaxStatus, TaxDecision, decide_vat
from kundenkontor.taxes.territories import EU_COUNTRIES, vat_country
from tests.taxes.seeds import seed_rates

RATES = seed_rates()
DAY = date(2026, 11, 30)
MAINLAND = {"PT": "1000-001"}
AT = SellerTaxStatus("AT", is_small_business=False, uses_oss=False)
AT_OSS = SellerTaxStatus("AT", is_small_business=False, uses_oss=True)
DE_SMALL = SellerTaxStatus("DE", is_small_business=True, uses_oss=False)


def customer(
    country: str,
    *,
    postal_code: str = "",
    city: str = "",
    vat_id: str = "none",
    issued_by: str | None = None,
    is_taxable_person: bool = True,
) -> CustomerTaxStatus:
    """``vat_id`` is the state of a VAT id that the customer's own country issued, if no other did."""
    state = (country if country in EU_COUNTRIES else "") if issued_by is None else issued_by
    postal_code = postal_code or MAINLAND.get(country, "")
    return CustomerTaxStatus(country, postal_code, city, is_taxable_person, vat_id, state)


def category(seller: SellerTaxStatus, buyer: CustomerTaxStatus, on: date = DAY) -> str:
    decision = decide_vat(seller, buyer, on, RATES)
    return "park" if isinstance(decision, Parked) else f"{decision.category} {decision.rate} {decision.country}".strip()


@pytest.mark.parametrize(
    ("seller", "buyer", "expected"),
    [
        (AT, customer("AT", vat_id="unchecked"), "S 20 AT"),
        (AT, customer("AT", is_taxable_person=False), "S 20 AT"),
        (AT, customer("DE", vat_id="checked"), "AE 0 DE"),
        (AT, customer("DE", vat_id="unchecked"), "park"),
        (AT, customer("DE", vat_id="checked", issued_by="FR"), "AE 0 DE"),
        (AT, customer("DE", vat_id="checked", issued_by="AT"), "park"),
        (AT, customer("DE", vat_id="checked", issued_by=""), "park"),
        (AT_OSS, customer("FR", vat_id="checked", issued_by="AT"), "park"),
        (AT, customer("DE", vat_id="invalid", issued_by="AT"), "S 20 AT"),
        (AT, customer("DE", vat_id="invalid"), "S 20 AT"),
        (AT, customer("DE"), "S 20 AT"),
        (AT_OSS, customer("DE", is_taxable_person=False), "S 19 DE"),
        (AT_OSS, customer("DE", vat_id="invalid"), "S 19 DE"),
        (AT_OSS, customer("FI", is_taxable_person=False), "S 25.5 FI"),
        (AT, customer("CH", vat_id="checked"), "O 0"),
        (AT_OSS, customer("US", is_taxable_person=False), "O 0"),
        (DE_SMALL, customer("DE"), "E 0 DE"),
        (DE_SMALL, customer("AT", vat_id="checked"), "AE 0 AT"),
        (DE_SMALL, customer("AT", is_taxable_person=False), "E 0 DE"),
        (DE_SMALL._replace(uses_oss=True), customer("AT", is_taxable_person=False), "S 20 AT"),
        (DE_SMALL, customer("CH"), "O 0"),
    ],
)
def test_category_rate_and_country_follow_seller_customer_and_day(
    seller: SellerTaxStatus, buyer: CustomerTaxStatus, expected: str
) -> None:
    assert category(seller, buyer) == expected


@pytest.mark.invariant("I-T4")
def test_reverse_charge_is_given_only_for_a_checked_vat_id_of_another_member_state() -> None:
    flags = (True, False)
    states = ("none", "unchecked", "checked", "invalid")
    countries = sorted(EU_COUNTRIES | {"CH", "GB", "XI", "US"})
    for home, small, oss, country, taxable, state in product(("AT", "DE"), flags, flags, countries, flags, states):
        buyer = customer(country, vat_id=state, is_taxable_person=taxable)
        decision = decide_vat(SellerTaxStatus(home, small, oss), buyer, DAY, RATES)

        abroad_in_the_eu = country in EU_COUNTRIES and country != home
        is_reverse_charge = isinstance(decision, TaxDecision) and decision.category == "AE"
        assert is_reverse_charge == (abroad_in_the_eu and taxable and state == "checked")
        assert isinstance(decision, Parked) == (abroad_in_the_eu and taxable and state == "unchecked")


@pytest.mark.invariant("I-T4")
def test_a_checked_vat_id_of_the_sellers_own_or_no_member_state_parks_and_says_so() -> None:
    for issued_by in ("AT", ""):
        buyer = customer("FR", vat_id="checked", issued_by=issued_by)
        assert decide_vat(AT, buyer, DAY, RATES) == Parked("vat_id_elsewhere")


@pytest.mark.invariant("I-T3")
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2020-06-30", "S 19 DE"), ("2020-07-01", "S 16 DE"), ("2020-12-31", "S 16 DE"), ("2021-01-01", "S 19 DE")],
)
def test_the_rate_is_that_of_the_last_day_of_the_service_period(day: str, expected: str) -> None:
    seller = SellerTaxStatus("DE", is_small_business=False, uses_oss=False)

    assert category(seller, customer("DE"), date.fromisoformat(day)) == expected


@pytest.mark.invariant("I-T3")
def test_a_day_without_a_known_rate_is_parked_and_never_taxed_with_another_rate() -> None:
    assert decide_vat(AT, customer("AT"), date(2018, 12, 31), RATES) == Parked("rate_missing")


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [
        ("DE", "27498"),
        ("DE", "D-78266"),
        ("DE", "CH-8238"),
        ("ES", "35001"),
        ("ES", "38 660"),
        ("ES", "51001"),
        ("ES", "52006"),
        ("IT", "23041"),
        ("IT", "22061"),
        ("GR", "630 86"),
        ("EL", "63087"),
        ("FI", "22100"),
        ("FR", "97133"),
        ("FR", "97400"),
        ("FR", "98800"),
        ("DK", "3900"),
        ("AX", "22100"),
        ("RE", "97400"),
        ("GB", "BT1 1AA"),
        ("XI", "BT1 1AA"),
        ("IM", "IM1 1AA"),
    ],
)
def test_a_territory_outside_the_vat_area_is_a_third_country(country: str, postal_code: str) -> None:
    if country == "EL":
        country = "GR"

    assert category(AT_OSS, customer(country, postal_code=postal_code, is_taxable_person=False)) == "O 0"


@pytest.mark.parametrize(
    ("country", "postal_code", "state"),
    [
        ("DE", "27499", "DE"),
        ("DE", "82380", "DE"),
        ("ES", "28001", "ES"),
        ("ES", "03501", "ES"),
        ("IT", "23030", "IT"),
        ("FI", "00220", "FI"),
        ("FR", "75001", "FR"),
        ("FR", "98000", "FR"),
        ("MC", "98000", "FR"),
        ("EL", "10431", "GR"),
        ("AT", "", "AT"),
    ],
)
def test_a_neighbouring_postal_code_stays_inside_and_monaco_counts_as_france(
    country: str, postal_code: str, state: str
) -> None:
    assert vat_country(country, postal_code, "") == state


@pytest.mark.parametrize(
    ("postal_code", "city", "state"),
    [
        ("23030", "Livigno", None),
        ("23030", "LIVIGNO (SO)", None),
        ("", "Livigno", None),
        ("23030", "Valdidentro", "IT"),
        ("22060", "Campione d’Italia", None),
        ("22060", "Campione", None),
        ("22060", "Cabiate", "IT"),
        ("25010", "Campione", "IT"),
    ],
)
def test_livigno_and_campione_are_known_by_their_city_where_neighbours_share_the_postal_code(
    postal_code: str, city: str, state: str | None
) -> None:
    assert vat_country("IT", postal_code, city) == state
    assert vat_country("AT", postal_code, city) == "AT"
    buyer = customer("IT", postal_code=postal_code, city=city, is_taxable_person=False)
    assert category(AT_OSS, buyer) == ("O 0" if state is None else "S 22 IT")


def test_a_customer_on_helgoland_is_outside_even_for_a_german_seller() -> None:
    seller = SellerTaxStatus("DE", is_small_business=False, uses_oss=False)

    assert category(seller, customer("DE", postal_code="27498")) == "O 0"


def test_a_business_in_monaco_gets_reverse_charge_as_in_france() -> None:
    assert category(AT, customer("MC", postal_code="98000", vat_id="checked", issued_by="FR")) == "AE 0 FR"


@pytest.mark.parametrize(
    ("seller", "buyer", "language", "expected"),
    [
        (
            AT,
            customer("DE", vat_id="checked"),
            "de",
            "Übergang der Steuerschuld auf den Leistungsempfänger (Reverse Charge)",
        ),
        (
            AT_OSS,
            customer("DE", vat_id="checked"),
            "en",
            "VAT liability is transferred to the recipient (reverse charge)",
        ),
        (DE_SMALL, customer("AT", vat_id="checked"), "de", "Steuerschuldnerschaft des Leistungsempfängers"),
        (DE_SMALL, customer("DE"), "de", "Steuerfrei als Kleinunternehmer (§ 19 UStG)"),
        (
            DE_SMALL._replace(country="AT"),
            customer("AT"),
            "de",
            "Umsatzsteuerfrei aufgrund der Kleinunternehmerregelung (§ 6 Abs. 1 Z 27 UStG)",
        ),
        (AT, customer("CH"), "de", "Nicht steuerbar: Leistungsort beim Empfänger im Drittland"),
        (AT, customer("AT"), "de", ""),
    ],
)
@pytest.mark.feature("M36")
def test_a_line_without_tax_says_why_in_the_words_of_the_law(
    seller: SellerTaxStatus, buyer: CustomerTaxStatus, language: str, expected: str
) -> None:
    decision = decide_vat(seller, buyer, DAY, RATES)

    assert isinstance(decision, TaxDecision)
    assert exemption_reason(decision, seller.country, language) == expected


def test_every_line_without_tax_has_a_reason_or_code_in_both_languages() -> None:
    for home, small, oss, country, state in product(
        ("AT", "DE", "FR"), (True, False), (True, False), ("AT", "DE", "FR", "CH"), ("none", "checked")
    ):
        decision = decide_vat(SellerTaxStatus(home, small, oss), customer(country, vat_id=state), DAY, RATES)
        assert isinstance(decision, TaxDecision)
        is_taxed = decision.category == "S"
        for language in ("de", "en"):
            assert bool(exemption_reason(decision, home, language)) != is_taxed
        assert (decision.rate > Decimal(0)) == is_taxed


@pytest.mark.invariant("I-T3")
@pytest.mark.parametrize(
    ("postal_code", "expected"),
    [
        ("9000-039", "S 22 PT"),
        ("9400", "S 22 PT"),  # Porto Santo
        ("9500-103", "S 16 PT"),
        ("PT-9980-024", "S 16 PT"),
        ("1000-001", "S 23 PT"),
        ("8999", "S 23 PT"),
        ("9450", "park"),
        ("99999", "park"),
        ("?", "park"),
    ],
)
def test_madeira_and_the_azores_have_rates_of_their_own_by_the_consumers_postal_code(
    postal_code: str, expected: str
) -> None:
    assert category(AT_OSS, customer("PT", postal_code=postal_code, is_taxable_person=False)) == expected
    assert category(AT, customer("PT", postal_code=postal_code, is_taxable_person=False)) == "S 20 AT"
    assert category(AT_OSS, customer("PT", postal_code=postal_code, vat_id="checked")) == "AE 0 PT"


def test_the_azores_had_another_rate_until_mid_2021() -> None:
    buyer = customer("PT", postal_code="9500", is_taxable_person=False)

    assert category(AT_OSS, buyer, date(2021, 6, 30)) == "S 18 PT"
    assert category(AT_OSS, buyer, date(2021, 7, 1)) == "S 16 PT"


EXCLAVES = [("AT", "6691"), ("AT", "6993"), ("DE", "87491"), ("DE", "87567"), ("DE", "87568"), ("DE", "D-87569")]


@pytest.mark.parametrize(("country", "postal_code"), EXCLAVES)
def test_jungholz_and_mittelberg_are_austria_at_a_rate_that_only_sellers_there_have(
    country: str, postal_code: str
) -> None:
    there = AT._replace(is_in_jungholz_or_mittelberg=True)
    buyer = customer(country, postal_code=postal_code, is_taxable_person=False)

    assert vat_country(country, postal_code, "") == "AT"
    assert [category(seller, buyer) for seller in (AT, AT_OSS, there)] == ["S 20 AT", "S 20 AT", "S 19 AT"]
    german = SellerTaxStatus("DE", is_small_business=False, uses_oss=True)
    assert category(german, buyer) == "S 20 AT"


def test_a_seller_in_jungholz_charges_elsewhere_what_holds_there_and_parks_what_it_cannot_place() -> None:
    there = AT._replace(is_in_jungholz_or_mittelberg=True)

    assert category(there, customer("AT", postal_code="1010")) == "S 20 AT"
    assert category(there, customer("AT", postal_code="")) == "park"
    assert category(AT, customer("AT", postal_code="")) == "S 20 AT"
    assert category(there, customer("IT", is_taxable_person=False)) == "S 19 AT"  # no OSS: where the seller is
    assert vat_country("DE", "87490", "") == vat_country("DE", "87566", "") == "DE"
