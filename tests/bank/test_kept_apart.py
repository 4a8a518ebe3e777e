"""Money of the bond is kept apart: its account is nobody's account to be paid on (issue 6)."""

import uuid

import pytest

from app.bank.accounts import name_account
from app.core.errors import Refused
from app.treasury.account import prepare_account
from tests.factories.bank import OWN, give_account, iban_of, make_banked


@pytest.fixture
def bond(app):
    return make_banked()


def test_the_account_of_a_party_is_no_account_of_the_bond(bond):
    give_account(bond, bond.provider, 1)
    with pytest.raises(Refused, match=f"{bond.provider.organisations[0].name} is paid on this account"):
        prepare_account(bond.programme, "Stichting SIB", iban_of(1), actor=bond.intermediary, once=uuid.uuid4())
    assert prepare_account(bond.programme, "SIB", iban_of(2), actor=bond.intermediary, once=uuid.uuid4())


def test_the_account_of_the_bond_is_nobodys_to_be_paid_on(bond):
    organisation = bond.provider.organisations[0]
    with pytest.raises(Refused, match="This is the account of the bond"):
        name_account(organisation, "Provider", OWN, actor=bond.provider, once=uuid.uuid4())
