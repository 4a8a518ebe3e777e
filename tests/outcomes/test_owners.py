"""Who goes on with a measurement among several providers: whose work it is, or the lead; and who takes back what the
assessor measured."""

from datetime import timedelta

import pytest

from app.access.actions import Action
from app.core.errors import NotYours
from app.extensions import db
from app.outcomes.owners import is_owner, leads_at
from app.outcomes.proving import answer_proof, submit_proof, verify_proof, withdraw_proof
from app.outcomes.states import ClaimState
from app.programmes.models import Part, Party
from tests.browser import soup
from tests.factories.outcomes import make_every_kind, make_measurement
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.verification import make_colleague
from tests.statements import counted

STEPS = [
    ("submit", ClaimState.REGISTERED, submit_proof),
    ("withdraw", ClaimState.SUBMITTED, withdraw_proof),
    ("answer", ClaimState.QUESTIONED, lambda one, actor: answer_proof(one, "Yes.", actor=actor)),
]


@pytest.fixture
def bond(app):
    return make_every_kind()


def make_partner(bond):
    organisation = make_party(bond.programme, Part.PROVIDER)
    party = db.session.scalars(db.select(Party).filter_by(organisation_id=organisation.id)).one()
    party.created_at += timedelta(seconds=1)  # the lead was there first
    db.session.commit()
    return make_user(organisation)


@pytest.fixture
def partner(bond):
    """A second provider; `bond.provider` is the lead."""
    return make_partner(bond)


@pytest.mark.parametrize("step, state, act", STEPS, ids=[step for step, _state, _act in STEPS])
def test_no_partner_goes_on_with_what_is_of_another(bond, partner, browse, step, state, act):
    one = make_measurement(bond, "coupon", state=state, value="0.6")
    browser = browse(partner)
    assert f"/measurements/{one.id}/{step}" not in browser.get_ok(f"/measurements/{one.id}").text
    assert browser.get(f"/measurements/{one.id}/{step}").status_code == 403
    with pytest.raises(NotYours):
        act(one, actor=partner)
    assert f"/measurements/{one.id}/{step}" in browse(bond.provider).get_ok(f"/measurements/{one.id}").text
    act(one, actor=bond.provider)


@pytest.mark.parametrize("step, state, act", STEPS, ids=[step for step, _state, _act in STEPS])
def test_the_owner_and_the_lead_go_on(bond, partner, step, state, act):
    for who in (partner, bond.provider):
        one = make_measurement(bond, "coupon", state=state, value="0.6")
        one.provider = partner.organisations[0]
        db.session.commit()
        act(one, actor=who)
        assert one.state == (ClaimState.WITHDRAWN if step == "withdraw" else ClaimState.SUBMITTED)


@pytest.mark.parametrize(
    "state, label",
    [(ClaimState.REGISTERED, "Measurements to hand to the assessor"), (ClaimState.QUESTIONED, "about measurements to")],
)
def test_home_counts_what_the_provider_goes_on_with_and_nothing_of_others(bond, partner, browse, state, label):
    """The lead goes on with all three, a partner with its own one; who has none reads of none."""
    third = make_partner(bond)
    for payer in (bond.enschede, bond.hengelo, bond.hengelo):
        one = make_measurement(bond, "coupon", payer, state=state, value="0.6")
    one.provider = partner.organisations[0]
    db.session.commit()

    def waiting(person):
        page = soup(browse(person).get_ok("/home")).select_one("main")
        return [item.get_text(" ", strip=True) for item in page.select("li") if label in item.text]

    for person, number in ((bond.provider, "3"), (partner, "1")):
        assert len(found := waiting(person)) == 1 and f"({number})" in found[0], found
    assert waiting(third) == []


def test_the_agreement_is_read_once_for_however_many_measurements(bond, partner):
    """A page or an import of many asks of each whose it is; one that reads the agreement per row grows with them."""
    found = [make_measurement(bond, "coupon", payer=city, value="0.6") for city in (bond.enschede, bond.hengelo) * 3]
    steps = [(one, person) for one in found for person in (bond.provider, partner)]
    with counted() as statements:
        owns = [is_owner(Action.MEASUREMENT_SUBMIT, one, person) for one, person in steps]
    assert owns == [True, False] * 6
    assert len([one for one in statements if "FROM agreement" in one]) == 1


def test_who_measured_for_the_assessor_takes_it_back_until_it_is_decided(bond, browse):
    colleague = make_colleague(bond)
    one, other = (make_measurement(bond, "coupon", value="0.6", registered_by_id=bond.assessor.id) for _ in range(2))
    for person in (bond.provider, colleague):
        with pytest.raises(NotYours):
            withdraw_proof(one, actor=person)
    assert browse(bond.assessor).post_form(f"/measurements/{one.id}/withdraw").status_code == 303
    db.session.refresh(one)
    assert one.state == ClaimState.WITHDRAWN
    verify_proof(other, actor=colleague)
    assert browse(bond.assessor).get(f"/measurements/{other.id}/withdraw").status_code == 409


def test_the_agreement_says_who_leads(bond, partner):
    """Not who happens to be the first party of the bond: of parties that came in at one moment none is."""
    consortium = {"lot": None, "lead": {"id": str(partner.organisations[0].id)}, "partners": []}
    bond.agreement.terms = {**bond.agreement.terms, "consortia": [consortium]}
    db.session.commit()
    one = make_measurement(bond, "coupon", value="0.6", state=ClaimState.REGISTERED)
    submit_proof(one, actor=partner)
    assert one.state == ClaimState.SUBMITTED
    assert leads_at(bond.programme, one.payer_id) == [partner.organisations[0].id]
