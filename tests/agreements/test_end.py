"""An agreement ends before its time by notice or by everybody's signature: nobody comes in after the last day, effects
up to it count (issue 6: termination)."""

import uuid
from datetime import date, timedelta

import pytest

from app.agreements.amendment_models import Amendment
from app.agreements.amendment_states import AmendmentState
from app.agreements.ending_models import EndingRules
from app.agreements.intake_clause import IntakeClause, clause_now, clause_of, even_plan, plan_intake
from app.agreements.models import Agreement
from app.agreements.operations import offer_agreement, set_ending
from app.agreements.termination_models import Termination
from app.agreements.termination_operations import EndFacts, confirm_end, declare_end, propose_end
from app.agreements.termination_states import Ground, TerminationState
from app.agreements.terms import digest_of
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.rules import check_start
from tests.factories.agreements import PASSWORD, draft, make_bond, sign_all
from tests.factories.amendments import consent_all, make_signed, propose, signers
from tests.factories.people import make_user
from tests.told import told, words_told


@pytest.fixture
def signed(app):
    return make_signed()


def second_official(bond):
    from flask_security import hash_password

    user = make_user(bond.programme.lead)
    user.password = hash_password(PASSWORD)
    db.session.commit()
    return user


def declare(bond, agreement, ground=Ground.NOTICE, days=90, against=None, actor=None):
    facts = EndFacts(ground, "The council ended the programme.", clock.today() + timedelta(days=days), against)
    return declare_end(agreement, facts, actor=actor or bond.official, once=uuid.uuid4())


def test_notice_is_declared_by_one_and_given_by_another(signed, browse):
    bond, agreement = signed
    last = clock.today() + timedelta(days=90)
    before = (bond.programme.ends_on, bond.programme.tail_until)
    typed = {"ground": "notice", "last_day": last.isoformat(), "reason": "The council ended the programme."}
    assert browse(bond.official).post_form(f"/agreements/{agreement.id}/end", typed).status_code == 303
    termination = db.session.scalars(db.select(Termination)).unique().one()
    path = f"/terminations/{termination.id}"
    assert (bond.programme.ends_on, bond.programme.tail_until) == before, "declared is not given"
    assert browse(bond.official).get(f"{path}/give").status_code == 403, "four eyes"
    assert browse(bond.provider).get(f"{path}/give").status_code == 403
    colleague = browse(second_official(bond))
    assert colleague.post_form(f"{path}/give", {"password": "not this one"}).status_code == 422
    assert colleague.post_form(f"{path}/give", {"password": PASSWORD}).status_code == 303
    db.session.expire_all()
    assert (termination.state, termination.ended_on, termination.accrued_until) == (TerminationState.GIVEN, *before)
    assert (bond.programme.ends_on, bond.programme.tail_until) == (last, last)
    assert {user.email for user in signers(bond)} | {bond.auditor.email} <= told("termination.confirm")
    assert "Nobody comes in after the last day" in words_told("termination.confirm")
    assert "Ends with" in browse(bond.investors[0]).get_ok(f"/agreements/{agreement.id}").text
    check_start(bond.programme, clock.today())
    with clock.at(clock.local(last + timedelta(days=2), 12)), pytest.raises(Refused, match="Participants start"):
        check_start(bond.programme, last + timedelta(days=1))
    with pytest.raises(NotNow, match="confirmed already"):
        declare(bond, agreement)


def test_the_agreed_notice_is_kept_to_the_day(app):
    bond = make_bond()
    agreement = draft(bond)
    set_ending(agreement, EndingRules(notice_days=120, mending_days=45), actor=bond.official)
    offer_agreement(agreement, actor=bond.official)
    sign_all(bond, agreement)
    assert agreement.terms["ending"]["notice_days"] == 120
    failing = bond.partner.organisations[0]
    for ground, days, against in ((Ground.NOTICE, 119, None), (Ground.BREACH, 44, failing)):
        with pytest.raises(Refused, match="gives"):
            declare(bond, agreement, ground, days, against)
    with pytest.raises(Refused, match="Name the party"):
        declare(bond, agreement, Ground.BREACH, 45)
    termination = declare(bond, agreement, Ground.NOTICE, 120)
    with clock.at(clock.now() + timedelta(days=1)), pytest.raises(Refused, match="gives"):
        confirm_end(termination, actor=second_official(bond))  # the notice runs from the day on which it is given


def test_the_law_needs_no_notice_but_no_day_that_passed(signed):
    bond, agreement = signed
    with pytest.raises(Refused, match="has passed"):
        declare(bond, agreement, Ground.LAW, -1)
    with pytest.raises(Refused, match="anyway"):
        declare(bond, agreement, Ground.LAW, (bond.programme.tail_until - clock.today()).days)
    termination = declare(bond, agreement, Ground.LAW, 0)
    confirm_end(termination, actor=second_official(bond))
    assert bond.programme.tail_until == clock.today()


def test_only_who_prepares_declares_and_only_the_lead_gives(signed):
    bond, agreement = signed
    with pytest.raises(NotYours):
        declare(bond, agreement, actor=bond.provider)
    termination = declare(bond, agreement, actor=bond.intermediary)
    with pytest.raises(NotYours):
        confirm_end(termination, actor=bond.second_payer)
    confirm_end(termination, actor=bond.official)


def test_by_agreement_everybody_signs_and_nobody_else_is_needed(signed, browse):
    bond, agreement = signed
    typed = {"ground": "agreed", "reason": "All of us stop."}
    typed["last_day"] = (clock.today() + timedelta(days=5)).isoformat()
    assert browse(bond.official).post_form(f"/agreements/{agreement.id}/end", typed).status_code == 303
    amendment = db.session.scalars(db.select(Amendment)).unique().one()
    with pytest.raises(Refused, match="signed by every party"):
        declare(bond, agreement, Ground.AGREED)
    until = bond.programme.tail_until
    consent_all(amendment, signers(bond), but=1)
    assert bond.programme.tail_until == until
    consent_all(amendment, signers(bond)[-1:])
    last = clock.today() + timedelta(days=5)
    assert bond.programme.tail_until == bond.programme.ends_on == last
    assert agreement.terms["end"] == {"last_day": last.isoformat()}
    (termination,) = agreement.terminations
    assert (termination.state, termination.ground) == (TerminationState.GIVEN, Ground.AGREED)


def test_a_declaration_is_taken_back(signed, browse):
    bond, agreement = signed
    termination = declare(bond, agreement)
    with pytest.raises(NotNow, match="declared already"):
        declare(bond, agreement)
    assert browse(bond.intermediary).post_form(f"/terminations/{termination.id}/withdraw").status_code == 303
    db.session.expire_all()
    assert termination.state == TerminationState.WITHDRAWN
    assert declare(bond, agreement).state == TerminationState.DECLARED


def test_the_last_settlement_may_follow_at_once_and_nothing_later_counts(app):
    """What follows: effects achieved up to the last day are claimed, verified, settled; then the bond closes."""
    from app.settlement.operations import prepare_settlement
    from tests.factories.outcomes import make_delivery, make_signed_off

    with clock.at(clock.local(date(2026, 7, 1), 12)):
        bond = make_delivery()
        make_signed_off(bond, achieved_on=date(2026, 5, 1))
        agreement = db.session.scalars(db.select(Agreement)).one()
        last = clock.today()
        facts = {"actor": bond.intermediary, "once": uuid.uuid4()}
        with pytest.raises(Refused, match="Effects still accrue"):
            prepare_settlement(bond.programme, last, is_final=True, **facts)
        by_law = EndFacts(Ground.LAW, "A court.", last)
        termination = declare_end(agreement, by_law, actor=bond.intermediary, once=uuid.uuid4())
        confirm_end(termination, actor=bond.official)
    with clock.at(clock.local(date(2026, 7, 3), 12)):
        settlement = prepare_settlement(bond.programme, last, is_final=True, **(facts | {"once": uuid.uuid4()}))
        assert settlement.is_final and settlement.paid_minor > 0


def test_a_party_is_named_only_where_the_ground_is_about_one(signed, browse):
    """It was dropped in silence before: whoever names one means something by it."""
    bond, agreement = signed
    failing = bond.partner.organisations[0]
    typed = {"reason": "The council ended the programme.", "against": str(failing.id)}
    typed["last_day"] = (clock.today() + timedelta(days=90)).isoformat()
    for ground in ("notice", "agreed", "law"):
        answer = browse(bond.official).post_form(f"/agreements/{agreement.id}/end", typed | {"ground": ground})
        assert answer.status_code == 422 and "name no party" in answer.text
    assert browse(bond.official).post_form(f"/agreements/{agreement.id}/end", typed | {"ground": ""}).status_code == 422
    assert not db.session.scalars(db.select(Termination)).unique().all()
    declared = declare(bond, agreement, Ground.BREACH, 90, failing)
    assert declared.against == failing


def test_an_amendment_that_waits_lapses_with_the_end(signed, browse):
    """An end by agreement among them: signed later, it would end once more what has ended."""
    bond, agreement = signed
    waits = propose_end(
        agreement, "All of us stop.", clock.today() + timedelta(days=200), actor=bond.official, once=uuid.uuid4()
    )
    confirm_end(declare(bond, agreement), actor=second_official(bond))
    assert waits.state == AmendmentState.LAPSED
    assert {user.email for user in signers(bond)} <= told("amendment.lapse")
    with pytest.raises(NotNow):
        consent_all(waits, signers(bond))
    assert "Lapsed: the agreement ends early" in browse(bond.provider).get_ok(f"/amendments/{waits.id}").text
    assert propose(bond, agreement).state == AmendmentState.PROPOSED, "what is still needed can be proposed anew"


def test_the_intake_plan_stops_at_the_end_and_says_so(app, browse):
    """What was signed stays in the terms; the page shows what counts."""
    bond = make_bond()
    agreement = draft(bond)
    plan_intake(agreement, IntakeClause(even_plan(bond.programme)), actor=bond.official)
    offer_agreement(agreement, actor=bond.official)
    sign_all(bond, agreement)
    whole = clause_of(agreement)
    termination = declare(bond, agreement, Ground.LAW, 40)
    confirm_end(termination, actor=second_official(bond))
    counts = clause_now(agreement)
    last = termination.last_day
    gone = (last + timedelta(days=1)).strftime("%Y-%m")
    for payer, months in counts.plan.items():
        assert set(months) == {month for month in whole.plan[payer] if month < gone}
    assert clause_of(agreement) == whole and agreement.digest == digest_of(agreement.text, agreement.terms)
    assert "The agreement ends early" in browse(bond.investors[0]).get_ok(f"/agreements/{agreement.id}").text
