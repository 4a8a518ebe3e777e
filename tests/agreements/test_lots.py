"""Every consortium that won a lot is a party with its lot, volumes and discount; settlement pays by the lot."""

import io
import uuid
from datetime import date, timedelta

import pytest

from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement, offer_agreement, sign_agreement
from app.agreements.providing import consortia_of, discounts_of
from app.agreements.states import AgreementState
from app.awards.models import Letter
from app.calls.completeness import of_lots
from app.calls.criteria import CriterionFacts, ScoringFacts
from app.calls.models import Call, CriterionKind
from app.calls.rectify_operations import Rewritten, rectify_call
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.intake.models import Participant
from app.ledger.cli import faults
from app.outcomes.models import Claim
from app.programmes.models import Part, Party
from app.settlement.models import Settlement
from tests.browser import soup
from tests.factories.agreements import PASSWORD, make_bond, offer
from tests.factories.lots import award_lots, decide_lots, make_lots_bond
from tests.factories.outcomes import make_intake
from tests.factories.people import make_user, with_password
from tests.told import told

EVIDENCE = {
    "evidence_type": "employer",
    "evidence_issuer": "employer",
    "evidence_on": "2026-06-02",
    "evidence_digest": "ab" * 32,
    "achieved_on": "2026-06-01",
    "quantity": "1",
}


def agree(bond):
    """In force, by the operations."""
    agreement = draft_agreement(bond.programme, "We agree.", actor=bond.official, once=uuid.uuid4())
    offer_agreement(agreement, actor=bond.official)
    asked = {party.organisation_id for party in agreement.parties}
    for user in [one for one in bond.signers() if one.organisations[0].id in asked]:
        sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)
    return agreement


START = {"age_band": "18-20", "started_on": "2026-02-01", "informed_on": "2026-01-31"}
START |= {"late_reason": "The paper form came late."}


def test_two_lots_with_two_winners_come_to_a_first_settlement(app, browse):
    """Through the pages: work-13w is 2,500.00 less 20 % deadweight; West won with 10 % off, East with 5 %."""
    bond = make_lots_bond()
    award_lots(bond, 1_000, 500)
    west, east = bond.tender.bidders
    path = f"/programmes/{bond.programme.id}"

    official = browse(bond.official)
    assert official.post_form(f"{path}/agreement/draft", {"text": "We agree."}).status_code == 303
    agreement = db.session.scalars(db.select(Agreement)).one()
    assert official.post_form(f"/agreements/{agreement.id}/offer").status_code == 303
    db.session.refresh(agreement)
    first, second = agreement.terms["consortia"]
    assert [(one["lot"]["name"], one["lot"]["cohort_size"], one["discount_bp"]) for one in (first, second)] == [
        ("West", 45, 1_000),
        ("East", 25, 500),
    ]
    assert [[m["name"] for m in one["lot"]["municipalities"]] for one in (first, second)] == [["Enschede"], ["Hengelo"]]
    assert (first["volumes"], agreement.terms["volumes"]) == ({"work-13w": 40}, {"work-13w": 80})
    assert agreement.terms["unawarded"] == []
    for user in bond.signers():
        reader = browse(user)
        shown = reader.get_ok(f"/agreements/{agreement.id}").text
        assert "Lot West" in shown and "Lot East" in shown and "10%" in shown
        assert reader.post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD}).status_code == 303
    db.session.refresh(agreement)
    assert agreement.state == AgreementState.IN_FORCE
    providing = set(db.session.scalars(db.select(Party.organisation_id).filter_by(part=Part.PROVIDER)))
    assert providing == {u.organisations[0].id for bidder in (west, east) for u in (bidder.lead, bidder.partner)}

    make_intake(bond.programme, west.lead.organisations[0], bond.official)
    for bidder, city in ((west, bond.enschede), (east, bond.hengelo)):
        provider = browse(bidder.lead)
        typed = {"municipality": str(city.id)} | START
        assert provider.post_form(f"{path}/participants/register", typed).status_code == 303
        person = db.session.scalars(db.select(Participant).filter_by(payer_id=city.id)).one()
        assert person.lot == bidder.consortium.lot
        effect = bond.tender.call.table.effects[0]
        claimed = provider.post_form(f"/participants/{person.id}/claim", EVIDENCE | {"effect": str(effect.id)})
        assert claimed.status_code == 303
        claim = db.session.scalars(db.select(Claim).filter_by(participant_id=person.id)).one()
        assert provider.post_form(f"/claims/{claim.id}/submit").status_code == 303
        assert browse(bond.assessor).post_form(f"/claims/{claim.id}/verify").status_code == 303
    signed = {"method": "Each contract was read.", "statement": "Every contract was read.", "password": PASSWORD}
    assert browse(bond.assessor).post_form(f"{path}/sign-off", signed).status_code == 303
    assert (
        browse(bond.intermediary).post_form(f"{path}/settlements/prepare", {"period_to": "2026-06-30"}).status_code
        == 303
    )
    settlement = db.session.scalars(db.select(Settlement)).one()
    own = with_password(bond.colleague)
    assert browse(bond.colleague).post_form(f"/settlements/{settlement.id}/check", own).status_code == 303
    assert {one.payer.name: one.amount_minor for one in settlement.statements} == {
        "Enschede": 180_000,  # 2,500.00 x 0.8 x 0.9
        "Hengelo": 190_000,  # 2,500.00 x 0.8 x 0.95
    }
    rules = [[step["rule"] for step in line.steps] for line in settlement.lines]
    assert rules == [["price", "deadweight", "discount"]] * 2
    statement = next(one for one in settlement.statements if one.payer == bond.enschede)
    assert "less the discount of the plan that won" in browse(bond.official).get_ok(f"/statements/{statement.id}").text
    assert (
        browse(bond.official).post_form(f"/statements/{statement.id}/approve", with_password(bond.official)).status_code
        == 303
    )
    assert faults() == []
    claim.participant.lot = west.consortium.lot  # of another provider
    db.session.flush()
    said = "\n".join(faults())
    assert f"participant {claim.participant.code}: is in no lot that its provider won" in said
    assert "was paid 190000, now 180000" in said, "the lot decides the discount, so the books show it too"


def test_the_discount_of_an_undivided_call_is_paid_by_too(app):
    terms = {
        "consortia": [{"lot": None, "discount_bp": 250, "partners": []}],
        "payers": [{"organisation": {"id": "city"}}],
    }
    assert {key: str(part) for key, part in discounts_of(terms).items()} == {None: "1/40", "city": "1/40"}


def test_an_agreement_of_before_lots_reads_as_one_consortium(app, browse):
    """What was signed under agreement/1 keeps its digest and its words."""
    old = {
        "consortium": {"name": "Old", "lead": {}, "partners": []},
        "award": {"plan_digest": "ab"},
        "volumes": {"x": 1},
    }
    assert [(one["name"], one["lot"], one["volumes"]) for one in consortia_of(old)] == [("Old", None, {"x": 1})]
    assert discounts_of(old) == {}
    bond = make_bond()
    agreement = offer(bond)
    terms = dict(agreement.terms)
    (only,) = terms.pop("consortia")
    terms |= {"format": "agreement/1", "consortium": {key: only[key] for key in ("id", "name", "lead", "partners")}}
    terms["award"] = terms["award"] | {"plan_digest": only["plan_digest"]}
    agreement.terms = terms
    db.session.commit()
    page = browse(bond.auditor).get_ok(f"/agreements/{agreement.id}").text
    assert only["plan_digest"] in page and only["partners"][1]["organisation"]["name"] in page


def test_a_lot_without_award_leaves_the_agreement_standing_for_the_others(app, browse):
    """The plan for East falls short of the least points for the approach (4): nobody wins it."""
    bond = make_lots_bond()
    award_lots(bond, 1_000, 500, points=((9, 8), (3, 8)))
    agreement = agree(bond)
    assert [one["lot"]["name"] for one in agreement.terms["consortia"]] == ["West"]
    assert [(one["name"], one["cohort_size"]) for one in agreement.terms["unawarded"]] == [("East", 25)]
    said = browse(bond.auditor).get_ok(f"/agreements/{agreement.id}").text
    assert "No plan was chosen for lot East (Hengelo; 25 participants)" in said
    public = browse().get_ok(f"/calls/{bond.tender.call.id}/award").text
    assert "Lot East is awarded to nobody" in public and "cannot join" in public
    west = bond.tender.bidders[0]
    own = browse(bond.tender.bidders[1].lead).get_ok(f"/evaluations/{bond.tender.evaluation.id}/decision").text
    assert "fewer points than the minimum of a criterion" in own
    make_intake(bond.programme, west.lead.organisations[0], bond.official)
    typed = {"municipality": str(bond.hengelo.id)} | START
    late = browse(west.lead).post_form(f"/programmes/{bond.programme.id}/participants/register", typed)
    assert late.status_code == 422
    assert "won no lot with Hengelo" in late.text
    assert db.session.scalars(db.select(Participant)).all() == []


def test_the_letters_are_about_the_own_lot(app):
    """A bidder for a lot that nobody won never hears that the winner of another lot was better (art. 2.130 Aw)."""
    bond = make_lots_bond()
    decide_lots(bond, 1_000, 500, points=((9, 8), (3, 8)))
    west, east = bond.tender.bidders
    assert told("award.decide") >= {west.lead.email, east.lead.email}
    letters = {one.opened.consortium_id: one.content for one in db.session.scalars(db.select(Letter)).unique()}
    won, lost = letters[west.consortium.id], letters[east.consortium.id]
    assert "West" in won["decision"][0] and "East" in lost["decision"][0]
    assert west.consortium.name not in str(lost)
    assert {row[3] for row in lost["scores"]} == {"–"}
    assert "plaats 1 van 1" in won["decision"][1], "of the plans for this lot, not of all"


def test_the_places_of_a_lot_are_counted(app, browse):
    bond = make_lots_bond(overlap=True, discount=False)
    award_lots(bond)
    agree(bond)
    path = f"/programmes/{bond.programme.id}/participants/register"
    east = bond.tender.bidders[1]
    make_intake(bond.programme, east.lead.organisations[0], bond.official)
    lot = east.consortium.lot
    for number in range(lot.cohort_size):
        city = bond.hengelo if number < 10 else bond.enschede
        db.session.add(
            Participant(
                programme=bond.programme,
                code=f"CODE{number}",
                provider=east.lead.organisations[0],
                payer=city,
                lot_id=lot.id,
                age_band="18-20",
                started_on=date(2026, 2, 1),
            )
        )
    db.session.commit()
    typed = {"municipality": str(bond.hengelo.id)} | START
    full = browse(east.lead).post_form(path, typed)
    assert full.status_code == 422
    assert "All 25 places of lot East are taken" in full.text
    west = bond.tender.bidders[0]
    assert browse(west.lead).post_form(path, typed).status_code == 303, "the other lot has room"


@pytest.fixture
def both_lots(app):
    """One organisation delivers in West and in East, both for both cities."""
    bond = make_lots_bond(overlap=True, discount=False)
    west, east = bond.tender.bidders
    east.consortium.partners[1].organisation = west.lead.organisations[0]
    db.session.commit()
    award_lots(bond)
    signers = {user.organisations[0].id: user for user in bond.signers() if user is not east.partner}
    agreement = draft_agreement(bond.programme, "We agree.", actor=bond.official, once=uuid.uuid4())
    offer_agreement(agreement, actor=bond.official)
    for user in signers.values():
        sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)
    assert agreement.state == AgreementState.IN_FORCE
    make_intake(bond.programme, west.lead.organisations[0], bond.official)
    return bond


def test_who_delivers_in_two_lots_says_which(both_lots, browse):
    """Allowed: a lot is awarded by itself. The discount of a participant follows from the lot, so it is asked."""
    west, east = both_lots.tender.bidders
    path = f"/programmes/{both_lots.programme.id}/participants/register"
    typed = {"municipality": str(both_lots.hengelo.id)} | START
    reader = browse(west.lead)
    assert [option.text for option in soup(reader.get_ok(path)).select("#lot option")][1:] == ["West", "East"]
    unsaid = reader.post_form(path, typed)
    assert unsaid.status_code == 422
    assert "Choose the lot." in unsaid.text
    assert reader.post_form(path, typed | {"lot": str(east.consortium.lot_id)}).status_code == 303
    assert db.session.scalars(db.select(Participant)).one().lot == east.consortium.lot


@pytest.mark.parametrize(
    ("lot", "told"),
    [
        ("east", None),
        (" East ", None),
        ("", "Choose the lot."),
        ("North", "of this name. It won: West, East"),
    ],
)
def test_a_file_of_participants_says_the_lot_too(both_lots, browse, lot, told):
    west, east = both_lots.tender.bidders
    head = "municipality;age_band;started_on;informed_on;lot;late_reason"
    content = f"{head}\nHengelo;18-20;2026-02-01;2026-01-31;{lot};The form was sent late.\n"
    reader, path = browse(west.lead), f"/programmes/{both_lots.programme.id}/participants/import"
    checked = reader.post_form(path, {"file": (io.BytesIO(content.encode()), "people.csv")})
    assert checked.status_code == (200 if told is None else 422)
    if told is None:
        assert reader.submit(checked, action=checked.request.path).status_code == 303
        assert db.session.scalars(db.select(Participant)).one().lot == east.consortium.lot
    else:
        assert told in checked.text and "E2" in soup(checked).select_one("main table").text
        assert db.session.scalars(db.select(Participant)).all() == []


def test_a_call_with_overlapping_lots_a_discount_and_a_measured_effect_says_what_it_lacks(app):
    """Nobody could say whose discount comes off what is measured of a municipality that is in both lots."""
    assert list(of_lots(make_lots_bond(overlap=True).tender.call)) == [], "everything is claimed for a participant"
    assert list(of_lots(make_lots_bond(measured=True).tender.call)) == [], "each city has one lot"
    assert list(of_lots(make_lots_bond(overlap=True, measured=True, discount=False).tender.call)) == []
    lacks = list(of_lots(make_lots_bond(overlap=True, measured=True).tender.call))
    assert [text.split(" is in more")[0] for text in lacks] == ["Enschede", "Hengelo"]


def test_a_rectification_cannot_bring_such_a_discount(app):
    call = make_lots_bond(overlap=True, measured=True, discount=False).tender.call
    db.session.execute(db.update(Call).where(Call.id == call.id).values(deadline=clock.now() + timedelta(days=30)))
    db.session.refresh(call)
    criteria = tuple(
        CriterionFacts(one.name, one.weight, kind=kind, id=one.id)
        for one, kind in zip(call.criteria, (CriterionKind.QUALITY, CriterionKind.DISCOUNT), strict=True)
    )
    official = make_user(call.programme.lead)
    with pytest.raises(Refused, match="whose discount comes off"):
        rectify_call(
            call,
            "A discount is asked after all.",
            clock.now() + timedelta(days=90),
            rewritten=Rewritten(scoring=ScoringFacts(criteria)),
            actor=official,
        )


def test_an_agreement_that_settlement_could_not_follow_is_not_offered(app):
    """A call from before this rule: two lots for both cities, two discounts, something measured of a city."""
    bond = make_lots_bond(overlap=True, measured=True)
    award_lots(bond, 1_000, 500)
    agreement = draft_agreement(bond.programme, "We agree.", actor=bond.official, once=uuid.uuid4())
    with pytest.raises(Refused, match="whose discount comes off"):
        offer_agreement(agreement, actor=bond.official)
    assert agreement.state == AgreementState.DRAFT
    assert agreement.parties == []


def test_what_is_measured_of_a_city_goes_by_the_discount_of_its_lot(app):
    bond = make_lots_bond(measured=True)
    award_lots(bond, 1_000, 500)
    found = discounts_of(agree(bond).terms)
    west, east = bond.tender.call.lots
    assert {key: str(part) for key, part in found.items()} == {
        str(west.id): "1/10",
        str(east.id): "1/20",
        str(bond.enschede.id): "1/10",
        str(bond.hengelo.id): "1/20",
    }
