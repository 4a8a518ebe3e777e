"""An agreement pulls the final award, the standing investors and the table of the call (domain, section 3.5)."""

import uuid
from dataclasses import replace

import pytest

from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement
from app.agreements.states import AgreementState
from app.agreements.terms import digest_of, make_terms, sources_of
from app.capital.models import Round
from app.capital.states import RoundState
from app.core.errors import Changed, NotNow, NotYours
from app.extensions import db
from app.pricing.models import Overshoot, Reduce
from tests.factories.agreements import PASSWORD, draft, make_bond, offer
from tests.factories.evaluation import decide, make_tender
from tests.factories.people import make_user
from tests.factories.programmes import make_programme


@pytest.mark.parametrize("who", ["official", "intermediary"])
def test_the_leading_official_or_the_intermediary_drafts(app, browse, who):
    bond = make_bond()
    page = browse(getattr(bond, who))
    answer = page.post_form(f"/programmes/{bond.programme.id}/agreement/draft", {"text": "We agree.\nAll of us."})
    assert answer.status_code == 303
    agreement = db.session.scalars(db.select(Agreement)).one()
    assert (agreement.state, agreement.text.splitlines()) == (AgreementState.DRAFT, ["We agree.", "All of us."])
    assert agreement.evaluation_id == bond.tender.evaluation.id
    assert agreement.table_id == bond.tender.call.table_id
    assert "Together with" in page.follow(answer).text
    assert PASSWORD not in page.follow(answer).text


def test_a_draft_can_be_changed_by_one_at_a_time(app, browse):
    bond = make_bond()
    agreement = draft(bond)
    official = browse(bond.official)
    url = f"/programmes/{bond.programme.id}/agreement/draft"
    page = official.get_ok(url)
    draft_agreement(bond.programme, "Changed meanwhile.", actor=bond.intermediary, once=uuid.uuid4())
    answer = official.submit(page, {"text": "My own version."})
    assert answer.status_code == 409
    assert "My own version." in answer.text
    db.session.refresh(agreement)
    assert agreement.text == "Changed meanwhile."
    with pytest.raises(Changed):
        draft_agreement(bond.programme, "Older", actor=bond.official, once=uuid.uuid4(), version=1)
    assert official.post_form(url, {"text": "Newest."}).status_code == 303
    assert len(db.session.scalars(db.select(Agreement)).all()) == 1


def test_an_empty_text_is_refused(app, browse):
    bond = make_bond()
    answer = browse(bond.official).post_form(f"/programmes/{bond.programme.id}/agreement/draft", {"text": " "})
    assert answer.status_code == 422


def test_no_agreement_before_the_award_is_final(app, browse):
    tender = make_tender(bidders=1, programme=make_programme())
    decide(tender)
    url = f"/programmes/{tender.call.programme_id}/agreement/draft"
    assert browse(tender.official).get(url).status_code == 409
    with pytest.raises(NotNow):
        draft_agreement(tender.call.programme, "Too early", actor=tender.official, once=uuid.uuid4())


def test_no_agreement_without_investors_that_stand(app):
    bond = make_bond()
    round = db.session.scalars(db.select(Round)).one()
    round.state = RoundState.FAILED
    db.session.commit()
    with pytest.raises(NotNow):
        draft(bond)


def test_what_is_offered_cannot_be_drafted_again(app, browse):
    bond = make_bond()
    offer(bond)
    assert browse(bond.official).get(f"/programmes/{bond.programme.id}/agreement/draft").status_code == 409
    with pytest.raises(NotNow):
        draft(bond, "Another text")


def test_others_do_not_draft_and_do_not_see_a_draft(app, browse):
    bond = make_bond()
    agreement = draft(bond)
    for person in (bond.investors[0], bond.provider, bond.assessor, bond.second_payer, make_user()):
        assert browse(person).get(f"/programmes/{bond.programme.id}/agreement/draft").status_code == 403
        with pytest.raises(NotYours):
            draft_agreement(bond.programme, "Mine", actor=person, once=uuid.uuid4())
    for person in (bond.investors[0], bond.provider, bond.assessor, make_user()):
        assert browse(person).get(f"/agreements/{agreement.id}").status_code == 404
    for person in (bond.second_payer, bond.auditor, bond.intermediary):
        browse(person).get_ok(f"/agreements/{agreement.id}")


def test_the_agreement_is_drafted_only_when_there_is_something_to_agree_on(app, browse):
    """The page says what is missing and holds no link that answers 409."""
    programme = make_programme()
    official = browse(make_user(programme.lead))
    page = official.get_ok(f"/programmes/{programme.id}/agreement")
    assert f"/programmes/{programme.id}/agreement/draft" not in page.text
    assert "There is no final award yet." in page.text


def test_what_is_signed_holds_every_rule_of_payment(app):
    """What happens when a maximum binds decides what is paid (domain, section 3.5): it is frozen with the prices."""
    bond = make_bond()
    sources = sources_of(bond.programme)
    table, caps = sources.table, [{"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 100_000}]
    with db.session.no_autoflush:  # a published table cannot change in the database
        before = digest_of("", make_terms(bond.programme, replace(sources, table=table), {}))
        for name, value in (
            ("period_caps", caps),
            ("reduce", Reduce.PRO_RATA),
            ("overshoot", Overshoot.CARRIED),
            ("step_minor", 100),
            ("vat_bp", 2_100),
        ):
            setattr(table, name, value)
            terms = make_terms(bond.programme, replace(sources, table=table), {})
            assert terms["table"][name] == value
            assert digest_of("", terms) != before
            before = digest_of("", terms)
        db.session.expire(table)


@pytest.mark.parametrize("days, answer", [("45", 303), ("61", 422), ("0", 422)])
def test_the_term_of_payment_is_agreed_up_to_sixty_days(app, browse, days, answer):
    """A public authority may agree to at most 60 calendar days (Directive 2011/7/EU, art. 4(6)); by law it is 30."""
    bond = make_bond()
    url = f"/programmes/{bond.programme.id}/agreement/draft"
    assert browse(bond.official).post_form(url, {"text": "Agreed.", "payment_days": days}).status_code == answer
    agreement = db.session.scalars(db.select(Agreement)).one_or_none()
    if answer == 303:
        assert make_terms(bond.programme, sources_of(bond.programme), {}, agreement.payment_days)["payment"] == {
            "days": 45
        }
        assert "45 calendar days" in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text
    else:
        assert agreement is None
