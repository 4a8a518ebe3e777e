"""The offer freezes price table version, terms, parties, payer split and assessor (domain, section 3.5)."""

import hashlib
import json

import pytest
from sqlalchemy import delete

from app.agreements.invariants import agreements_say_what_was_signed
from app.agreements.models import Agreement
from app.agreements.operations import offer_agreement
from app.agreements.states import AgreementState
from app.capital.day_count import DayCount
from app.capital.term_sheet import TermSheet
from app.consortia.models import Partner
from app.consortia.states import PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.states import TableState
from app.programmes.models import Part, Party
from tests.factories.agreements import draft, make_bond, offer, sign_all
from tests.factories.pricing import make_table


@pytest.fixture
def bond(app):
    return make_bond()


def test_the_offer_freezes_what_else_decides_on_capital(bond):
    """Issue 6: day count, guarantee and the fingerprint of the term sheet, as the investors signed for them."""
    agreement = draft(bond)
    first = agreement.round.tranches[0]
    first.day_count, first.guarantee_minor, first.guarantor = DayCount.THIRTY_360, 500, "Provincie"
    sheet = {"filename": "a.pdf", "media_type": "application/pdf", "sha256": "a" * 64, "size": 1, "content": b"%"}
    db.session.add(TermSheet(round_id=agreement.round_id, **sheet))
    db.session.commit()
    offer_agreement(agreement, actor=bond.official)
    frozen = agreement.terms["round"]
    assert frozen["term_sheet_sha256"] == "a" * 64
    told = {name: frozen["tranches"][0][name] for name in ("day_count", "guarantee_minor", "guarantor")}
    assert told == {"day_count": "30E/360", "guarantee_minor": 500, "guarantor": "Provincie"}


def test_offering_freezes_everything_and_asks_every_party(bond, browse):
    agreement = draft(bond)
    assert browse(bond.official).post_form(f"/agreements/{agreement.id}/offer").status_code == 303
    db.session.refresh(agreement)
    terms, effect = agreement.terms, bond.tender.call.table.effects[0]
    assert agreement.state == AgreementState.OFFERED
    assert (terms["table"]["id"], terms["table"]["number"]) == (str(bond.tender.call.table_id), 1)
    assert terms["table"]["effects"][0]["price_minor"] == effect.price_minor
    assert {p["organisation"]["name"]: (p["cohort_size"], p["ceiling_minor"]) for p in terms["payers"]} == {
        bond.programme.lead.name: (45, 150_000_000),
        bond.second_payer.organisations[0].name: (25, 0),
    }
    assert [line["allotted_minor"] for line in terms["round"]["investors"]] == [60_000_000, 20_000_000]
    assert terms["round"]["total_minor"] == 80_000_000
    assert [tranche["rank"] for tranche in terms["round"]["tranches"]] == [1, 2]
    assert {p["organisation"]["id"] for p in terms["consortia"][0]["partners"]} == {
        str(bond.provider.organisations[0].id),
        str(bond.partner.organisations[0].id),
    }
    assert terms["volumes"] == {effect.code: 40}
    assert terms["award"]["standstill_until"] == bond.tender.evaluation.standstill_until.isoformat()
    assert [one["name"] for one in terms["assessor"]] == [bond.assessor.organisations[0].name]

    whole = {"text": agreement.text, "terms": terms}
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert agreement.digest == hashlib.sha256(canonical).hexdigest()
    parties = {(party.organisation_id, party.part) for party in agreement.parties}
    assert {organisation for organisation, _part in parties} == {one.id for one, _user in bond.signers()}
    assert (bond.provider.organisations[0].id, Part.PROVIDER) in parties
    told = db.session.scalars(db.select(Notification).filter_by(action="agreement.offer")).all()
    assert {notice.address for notice in told} >= {user.email for _one, user in bond.signers()}


def test_a_later_price_table_does_not_alter_the_agreement(bond, browse):
    """Domain, section 3.2: a published version never changes; the agreement keeps the one it was made on."""
    agreement = offer(bond)
    digest, price = agreement.digest, agreement.terms["table"]["effects"][0]["price_minor"]
    sign_all(bond, agreement)
    old = bond.tender.call.table
    old.state = TableState.SUPERSEDED
    db.session.commit()
    newer = make_table(bond.programme, state=TableState.DRAFT)
    newer.effects[0].price_minor = price * 2
    db.session.commit()
    newer.published_at, newer.state = clock.now(), TableState.PUBLISHED
    db.session.commit()
    db.session.expire_all()
    assert agreement.table_id == old.id
    assert agreement.digest == digest
    assert agreement.terms["table"]["effects"][0]["price_minor"] == price
    assert list(agreements_say_what_was_signed()) == []
    page = browse(bond.provider).get_ok(f"/agreements/{agreement.id}").text
    assert "€2,500.00" in page
    assert "€5,000.00" not in page


def test_the_table_of_the_call_counts_when_a_newer_one_came_before_the_agreement(bond):
    """The bidders made their plans on it: equal treatment."""
    bond.tender.call.table.state = TableState.SUPERSEDED
    db.session.commit()
    make_table(bond.programme)
    assert offer(bond).terms["table"]["number"] == 1


@pytest.mark.parametrize("part", [Part.INTERMEDIARY, Part.ASSESSOR])
def test_every_part_must_be_filled(bond, browse, part):
    agreement = draft(bond)
    db.session.execute(delete(Party).where(Party.programme_id == bond.programme.id, Party.part == part))
    db.session.commit()
    actor = bond.official
    answer = browse(actor).post_form(f"/agreements/{agreement.id}/offer")
    assert answer.status_code == 422
    assert str(part.label) in answer.text
    db.session.refresh(agreement)
    assert (agreement.state, agreement.digest, agreement.parties) == (AgreementState.DRAFT, "", [])


def test_no_organisation_has_two_parts(bond):
    """Domain, section 2: an assessor must never belong to a provider of the same bond."""
    assessor = bond.assessor.organisations[0]
    consortium = bond.tender.bidders[0].consortium
    db.session.add(Partner(consortium=consortium, organisation=assessor, state=PartnerState.ACCEPTED))
    db.session.commit()
    agreement = draft(bond)
    with pytest.raises(Refused, match="two parts"):
        offer_agreement(agreement, actor=bond.official)


def test_offered_once_and_only_by_those_who_prepare(bond, browse):
    agreement = draft(bond)
    for person in (bond.second_payer, bond.auditor):
        assert browse(person).get(f"/agreements/{agreement.id}/offer").status_code == 403
    assert browse(bond.provider).get(f"/agreements/{agreement.id}/offer").status_code == 404
    with pytest.raises(NotYours):
        offer_agreement(agreement, actor=bond.provider)
    offer_agreement(agreement, actor=bond.intermediary)
    assert browse(bond.official).get(f"/agreements/{agreement.id}/offer").status_code == 409
    with pytest.raises(NotNow):
        offer_agreement(agreement, actor=bond.official)


def test_the_books_tell_when_a_term_was_changed(bond):
    """The rule easiest to break: a term changes after the first signature."""
    agreement = offer(bond)
    assert list(agreements_say_what_was_signed()) == []
    db.session.execute(
        db.update(Agreement).where(Agreement.id == agreement.id).values(text="Something else was agreed.")
    )
    db.session.commit()
    assert len(list(agreements_say_what_was_signed())) == 1
