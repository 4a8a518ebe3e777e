"""No national number anywhere (domain, section 9). The numbers below are made up to pass their tests."""

import pytest

from app.core.national_id import holds_national_id

BSN = "123456782"  # 1x9+2x8+3x7+4x6+5x5+6x4+7x3+8x2-2 = 154 = 14 x 11
BORN_1985 = "85073003328"  # 850730033 mod 97 = 69, 97 - 69 = 28
BORN_2012 = "12010100163"  # 2120101001 mod 97 = 34, 97 - 34 = 63


def test_the_numbers_are_what_they_are_said_to_be():
    assert sum(w * int(d) for w, d in zip([9, 8, 7, 6, 5, 4, 3, 2, -1], BSN, strict=True)) % 11 == 0
    assert 97 - 850730033 % 97 == 28
    assert 97 - 2120101001 % 97 == 63
    assert 97 - 120101001 % 97 != 63, "only the form of this century fits"


@pytest.mark.parametrize(
    "number",
    [BSN, "1234.56.782", "123 456 782", "12-34-56-782", "123/456/782", "１２３456782", "١٢٣٤٥٦٧٨٢"],
)
def test_a_bsn_is_found(number):
    assert holds_national_id(number)
    assert holds_national_id(f"Contract of {number}, signed")
    assert holds_national_id(f"BSN{number}")


@pytest.mark.parametrize("number", [BORN_1985, "85.07.30-033.28", "85 07 30 033 28", BORN_2012, "12.01.01-001.63"])
def test_a_rijksregisternummer_is_found(number):
    assert holds_national_id(number)
    assert holds_national_id(f"see {number}.")


def test_it_is_found_between_other_numbers():
    assert holds_national_id(f"on 12-03-2026 {BSN} 14:30")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789",  # nine digits that fail the 11-test
        "85073003329",
        "12345678",
        "1234567820",  # ten digits hold no BSN
        "Contract for 26 weeks from 2026-03-01",
        "000000000",
        "He works 32 hours at 13.50 an hour",
    ],
)
def test_other_figures_may_stand(text):
    assert not holds_national_id(text)
