"""The municipality is frozen at intake; only the assessor corrects it, with a reason (domain, sections 7 and 9)."""

import uuid

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.operations import move_participant
from app.outcomes.states import ClaimState
from tests.factories.outcomes import make_batch, make_claim, make_delivery, make_participant
from tests.told import recorded, told, words_told

WHY = "Ingeschreven in Hengelo op de dag van de start."


@pytest.fixture
def bond(app):
    return make_delivery()


def test_the_assessor_corrects_it(bond, browse):
    person = make_participant(bond, bond.enschede)
    form = {"municipality": str(bond.hengelo.id), "reason": WHY}
    assert browse(bond.assessor).post_form(f"/participants/{person.id}/move", form).status_code == 303
    db.session.refresh(person)
    assert person.payer == bond.hengelo
    assert told("participant.move") >= {bond.official.email, bond.neighbour.email, bond.provider.email}
    assert recorded("participant.move") == [{"before": "Enschede", "after": "Hengelo"}]
    assert person.code not in words_told("participant.move") and WHY not in words_told("participant.move")
    assert WHY in browse(bond.neighbour).get_ok(f"/participants/{person.id}").text
    assert browse(bond.official).get(f"/participants/{person.id}").status_code == 404, "no longer its resident"


@pytest.mark.parametrize("who", ["provider", "official"])
def test_nobody_who_gains_corrects_it(bond, browse, who):
    person = make_participant(bond)
    assert browse(getattr(bond, who)).get(f"/participants/{person.id}/move").status_code == 403
    with pytest.raises(NotYours):
        move_participant(person, bond.hengelo, WHY, actor=getattr(bond, who), once=uuid.uuid4())
    db.session.refresh(person)
    assert person.payer == bond.enschede


def test_what_was_signed_off_stands(bond):
    person = make_participant(bond)
    claim = make_claim(bond, person, state=ClaimState.VERIFIED)
    move_participant(person, bond.hengelo, WHY, actor=bond.assessor, once=uuid.uuid4())
    make_batch(bond)
    assert claim.batch_id
    with pytest.raises(NotNow):
        move_participant(person, bond.enschede, WHY, actor=bond.assessor, once=uuid.uuid4())


def test_refused_without_a_place_for_the_same_or_with_a_national_number(bond):
    person = make_participant(bond)
    for _ in range(25):
        make_participant(bond, bond.hengelo)
    with pytest.raises(Refused) as full:
        move_participant(person, bond.hengelo, WHY, actor=bond.assessor, once=uuid.uuid4())
    with pytest.raises(Refused) as same:
        move_participant(person, bond.enschede, WHY, actor=bond.assessor, once=uuid.uuid4())
    other = make_participant(bond, bond.hengelo)
    with pytest.raises(Refused) as number:
        move_participant(other, bond.enschede, "BSN 123456782", actor=bond.assessor, once=uuid.uuid4())
    assert (full.value.field, same.value.field, number.value.field) == ("municipality", "municipality", "reason")
