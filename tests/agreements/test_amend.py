"""What was signed changes only by what every party signs; what was settled keeps the terms of then (domain, 3.5)."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.agreements.amendment_models import AgreementVersion, Amendment, terms_at
from app.agreements.amendment_operations import consent_to_amendment, propose_amendment, withdraw_amendment
from app.agreements.amendment_states import AmendmentState
from app.agreements.differences import differences
from app.agreements.ending_models import EndingRules, WhoConsents
from app.agreements.forms import plan_field
from app.agreements.intake_clause import IntakeClause, clause_of, even_plan, plan_intake
from app.agreements.invariants import agreements_say_what_was_signed, amendments_form_a_chain
from app.agreements.operations import offer_agreement, set_verification
from app.agreements.terms import digest_of
from app.agreements.verification_models import VerificationRules
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.evidence.terms import file_terms
from app.extensions import db
from app.settlement.invoicing import payment_days
from app.settlement.models import Settlement
from tests.browser import soup
from tests.factories.agreements import PASSWORD, draft, make_bond, offer, sign_all
from tests.factories.amendments import TEXT, consent_all, make_signed, propose, signers, unchanged
from tests.factories.people import make_user
from tests.told import recorded, told, words_told


@pytest.fixture
def signed(app):
    return make_signed()


def test_proposed_read_and_signed_through_the_pages(signed, browse):
    bond, agreement = signed
    first = agreement.digest
    official = browse(bond.official)
    page = official.get_ok(f"/agreements/{agreement.id}/amend")
    assert soup(page).select_one("#payment_days")["value"] == "30"
    typed = {"payment_days": "45", "reason": "Our desk needs longer.", "files_kept_days": "730"}
    typed["text"] = TEXT.replace("Overijssel", "The Hague")
    answer = official.submit(page, typed)
    assert answer.status_code == 303
    amendment = db.session.scalars(db.select(Amendment)).unique().one()
    assert {user.email for user in signers(bond)} <= told("amendment.propose")
    assert bond.auditor.email in told("amendment.propose"), "who does not sign hears of it too"
    assert "Read and sign the amendment" in browse(bond.provider).get_ok("/home").text
    shown = soup(browse(bond.provider).get_ok(f"/amendments/{amendment.id}"))
    assert [one.text for one in shown.select("del")] == [
        "30 calendar days",
        "not kept here, only their fingerprint",
        "Disputes go to the court of Overijssel.",
    ]
    assert [one.text for one in shown.select("ins")] == [
        "45 calendar days",
        "kept encrypted for 730 days, then deleted",
        "Disputes go to the court of The Hague.",
    ]
    for user in signers(bond):
        assert agreement.digest == first, "nothing is in force before everybody has signed"
        path = f"/amendments/{amendment.id}/consent"
        assert browse(user).post_form(path, {"password": PASSWORD}).status_code == 303
        db.session.expire_all()
    assert amendment.state == AmendmentState.IN_FORCE
    assert (agreement.terms["payment"]["days"], file_terms(agreement).kept_days) == (45, 730)
    assert agreement.digest == amendment.digest == digest_of(agreement.text, agreement.terms) != first
    assert "The Hague" in agreement.text
    assert "amendment 1 in force" in words_told("amendment.consent")
    assert recorded("amendment.propose")[0]["replaces"] == first
    assert amendment.title in browse(bond.investors[0]).get_ok(f"/agreements/{agreement.id}").text
    still = soup(browse(bond.provider).get_ok(f"/amendments/{amendment.id}"))
    assert still.select_one("del").text == "30 calendar days", "what it replaced can be read for ever"
    assert list(agreements_say_what_was_signed()) == list(amendments_form_a_chain()) == []


def test_what_was_settled_before_keeps_the_terms_of_then(signed):
    bond, agreement = signed
    moments = [clock.now()]
    for days in (45, 60):
        with clock.at(moments[-1] + timedelta(hours=1)):
            consent_all(propose(bond, agreement, payment_days=days), signers(bond))
        moments.append(moments[-1] + timedelta(hours=2))
    assert [terms_at(agreement, one)["payment"]["days"] for one in moments] == [30, 45, 60]
    kept = db.session.scalars(db.select(AgreementVersion).order_by(AgreementVersion.number)).all()
    assert [(one.number, one.terms["payment"]["days"]) for one in kept] == [(1, 30), (2, 45)]
    assert list(amendments_form_a_chain()) == []
    settled = Settlement(agreement=agreement, created_at=moments[0])
    with db.session.no_autoflush:
        assert payment_days(settled) == 30, "an invoice of then keeps its term"
    db.session.expunge_all()


def test_a_version_that_was_altered_behind_the_portal_is_told(signed):
    bond, agreement = signed
    consent_all(propose(bond, agreement), signers(bond))
    agreement.terms = agreement.terms | {"payment": {"days": 1}}
    db.session.flush()
    assert [line for line in agreements_say_what_was_signed() if "not what was offered" in line]


def test_one_signature_short_nothing_changes(signed):
    bond, agreement = signed
    before = (agreement.text, agreement.terms, agreement.digest)
    amendment = propose(bond, agreement)
    consent_all(amendment, signers(bond), but=1)
    assert (agreement.text, agreement.terms, agreement.digest) == before
    assert amendment.state == AmendmentState.PROPOSED
    with pytest.raises(NotNow, match="Amendment 1 waits"):
        propose(bond, agreement, payment_days=50)


def test_nobody_signs_for_another_or_something_else_or_twice(signed, browse):
    bond, agreement = signed
    amendment = propose(bond, agreement)
    lead, other = bond.official.organisations[0], bond.assessor.organisations[0]
    with pytest.raises(NotYours):
        consent_to_amendment(amendment, other, amendment.digest, actor=bond.official)
    with pytest.raises(Changed):
        consent_to_amendment(amendment, lead, agreement.digest, actor=bond.official)
    wrong = browse(bond.official).post_form(f"/amendments/{amendment.id}/consent", {"password": "not this one"})
    assert wrong.status_code == 422
    consent_to_amendment(amendment, lead, amendment.digest, actor=bond.official)
    with pytest.raises(NotNow):
        consent_to_amendment(amendment, lead, amendment.digest, actor=bond.official)
    assert browse(bond.auditor).get(f"/amendments/{amendment.id}/consent").status_code == 403
    assert browse(bond.auditor).get(f"/amendments/{amendment.id}").status_code == 200
    assert browse(make_user()).get(f"/amendments/{amendment.id}").status_code == 404


def test_one_refusal_ends_it_with_its_reason(signed, browse):
    bond, agreement = signed
    amendment = propose(bond, agreement)
    path = f"/amendments/{amendment.id}/refuse"
    assert browse(bond.partner).post_form(path, {"reason": ""}).status_code == 422
    assert browse(bond.partner).post_form(path, {"reason": "This term is too long for us."}).status_code == 303
    db.session.expire_all()
    assert (amendment.state, amendment.refused_by_id) == (AmendmentState.REFUSED, bond.partner.organisations[0].id)
    assert "This term is too long for us." in words_told("amendment.refuse")
    assert agreement.terms["payment"]["days"] == 30
    assert browse(bond.official).get(f"/amendments/{amendment.id}/consent").status_code == 409
    assert propose(bond, agreement).number == 2


def test_only_who_proposed_it_withdraws_it(signed, browse):
    bond, agreement = signed
    amendment = propose(bond, agreement)
    with pytest.raises(NotYours):
        withdraw_amendment(amendment, actor=bond.provider)
    assert browse(bond.official).post_form(f"/amendments/{amendment.id}/withdraw").status_code == 303
    db.session.expire_all()
    assert amendment.state == AmendmentState.WITHDRAWN
    with pytest.raises(NotNow):
        consent_to_amendment(amendment, bond.official.organisations[0], amendment.digest, actor=bond.official)


@pytest.mark.parametrize("changed, said", [({}, "Nothing changes"), ({"payment_days": 61}, "at the most")])
def test_nothing_or_too_much_is_refused(signed, changed, said):
    bond, agreement = signed
    change = replace(unchanged(agreement), **changed)
    with pytest.raises(Refused, match=said):
        propose_amendment(agreement, change, "Why not.", actor=bond.official, once=uuid.uuid4())


def test_what_was_typed_is_kept_when_it_is_refused(signed, browse):
    bond, agreement = signed
    typed = {"reason": "Not much.", "text": TEXT}
    answer = browse(bond.official).post_form(f"/agreements/{agreement.id}/amend", typed)
    assert answer.status_code == 422
    assert "Nothing changes" in answer.text
    assert "Not much." in answer.text


def test_a_national_number_has_no_place_in_a_reason(signed):
    bond, agreement = signed
    change = replace(unchanged(agreement), payment_days=45)
    with pytest.raises(Refused, match="national number"):
        propose_amendment(agreement, change, "For 111222333.", actor=bond.official, once=uuid.uuid4())


def test_prices_and_ceilings_are_out_of_reach(signed):
    """Directive 2014/24/EU, art. 72: what would have drawn other bidders is tendered anew."""
    bond, agreement = signed
    fixed = ("table", "payers", "round", "award", "unawarded", "programme", "format")
    before = {key: agreement.terms[key] for key in fixed}
    volumes = {one["id"]: dict.fromkeys(one["volumes"], 1) for one in agreement.terms["consortia"]}
    amendment = propose(bond, agreement, volumes=volumes, text="Wholly new.", ending=EndingRules(10, 20))
    consent_all(amendment, signers(bond))
    assert {key: agreement.terms[key] for key in fixed} == before
    assert agreement.terms["volumes"] == dict.fromkeys(agreement.terms["volumes"], 1)


def test_every_difference_is_shown_by_name(signed):
    """A reader signs what is listed: a change that no line names would be a trap."""
    _bond, agreement = signed
    terms = agreement.terms
    changed = terms | {
        "ending": EndingRules(60, 10, WhoConsents.PAYERS).as_terms(),
        "assessor": [terms["assessor"][0] | {"name": "Other"}],
        "vat": "something unheard of",
    }
    named = {one.what: (one.before, one.after) for one in differences(terms, changed)}
    assert named["Notice before the end"] == ("90 calendar days", "60 calendar days")
    assert named["Independent assessor"][1] == "Other"
    assert named["vat"] == ("", "something unheard of")
    assert len(named) == 5


def test_an_intake_plan_moves_in_the_months_to_come_only(app, browse):
    """A compensation may be owed for what was planned before: that plan stays (domain, section 3)."""
    with clock.at(clock.local(date(2026, 5, 15), 12)):
        bond = make_bond()
        agreement = draft(bond)
        plan_intake(agreement, IntakeClause(even_plan(bond.programme)), actor=bond.official)
        offer_agreement(agreement, actor=bond.official)
        sign_all(bond, agreement)
        payer = bond.programme.lead_id
        first = clause_of(agreement).plan
        for month, said in (("2026-04", "has passed"), ("2026-06", "add up")):
            moved = dict(first[payer]) | {month: first[payer].get(month, 0) + 1}
            moved |= {"2026-07": moved["2026-07"] - 1} if month == "2026-04" else {}
            with pytest.raises(Refused, match=said):
                propose(bond, agreement, intake=IntakeClause(first | {payer: moved}))
        path = f"/agreements/{agreement.id}/amend"
        official = browse(bond.official)
        page = official.get_ok(path)
        fields = [plan_field(payer, month) for month in ("2026-05", "2026-06")]
        assert plan_field(payer, "2026-04") not in page.text
        values = [int(soup(page).select_one(f"#{field}")["value"]) for field in fields]
        typed = dict(zip(fields, (str(values[0] - 1), str(values[1] + 1)), strict=True))
        assert official.submit(page, typed | {"reason": "The start was slow."}).status_code == 303
        amendment = db.session.scalars(db.select(Amendment)).unique().one()
        consent_all(amendment, signers(bond))
        found = clause_of(agreement)
        assert [found.planned(payer, one) for one in ("2026-04", "2026-05", "2026-06")] == [
            first[payer]["2026-04"],
            values[0] - 1,
            values[1] + 1,
        ]
        assert found.total(payer) == sum(first[payer].values())


def test_an_agreement_that_is_not_in_force_is_not_amended(app, browse):
    bond = make_bond()
    agreement = offer(bond)
    assert browse(bond.official).get(f"/agreements/{agreement.id}/amend").status_code == 409


def test_what_is_said_about_verification_stands_in_the_form_and_in_the_comparison(app, browse):
    """A second signature under a statement and the days to appeal were in the form's data and not on its page: nothing
    could be proposed, and a change of them would have been read by nobody."""
    bond = make_bond()
    agreement = draft(bond)
    rules = VerificationRules(sampling=True, counter_signed=True, appeal_days=45)
    set_verification(agreement, rules, actor=bond.official)
    offer_agreement(agreement, actor=bond.official)
    sign_all(bond, agreement)
    official = browse(bond.official)
    page = official.get_ok(f"/agreements/{agreement.id}/amend")
    assert soup(page).select_one("#counter_signed").has_attr("checked")
    answer = official.submit(page, {"appeal_days": "60", "reason": "A letter takes longer."})
    assert answer.status_code == 303
    [amendment] = agreement.amendments
    [change] = differences(agreement.terms, amendment.terms)
    assert (change.what, change.before, change.after) == ("Days to appeal after a sign-off", "45", "60")
    assert amendment.terms["verification"]["counter_signed"] is True
