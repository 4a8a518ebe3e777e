"""Payment references are RF creditor references (ISO 11649): a bank refuses a mistyped one."""

import uuid

import pytest

from app.settlement.reference import creditor_reference, grouped, is_creditor_reference, reference_of


@pytest.mark.parametrize("text, reference", [("539007547034", "RF18539007547034"), ("2348231", "RF712348231")])
def test_known_references(text, reference):
    """RF18 5390 0754 7034 is the standard's own example, RF71 2348 231 that of the European Payments Council."""
    assert creditor_reference(text) == reference
    assert is_creditor_reference(grouped(reference))


def test_one_wrong_digit_shows():
    reference = reference_of(uuid.UUID(int=7), 12, 2)
    assert is_creditor_reference(reference)
    assert len(reference) <= 25
    for place in range(len(reference)):
        wrong = reference[:place] + ("1" if reference[place] != "1" else "2") + reference[place + 1 :]
        assert not is_creditor_reference(wrong)


@pytest.mark.parametrize("text", ["", "!!", "A" * 22])
def test_what_cannot_be_a_reference(text):
    with pytest.raises(ValueError, match="letters and digits"):
        creditor_reference(text)


def test_it_is_printed_in_groups_of_four():
    assert grouped("RF18539007547034") == "RF18 5390 0754 7034"
