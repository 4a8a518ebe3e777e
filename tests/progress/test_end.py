"""What an early end, an amendment and a replacement do to progress: nothing goes on as if the bond did (issue 6)."""

import uuid
from datetime import date

from app.agreements.amendment_operations import consent_to_amendment, lay_before
from app.agreements.amendment_states import AmendmentKind
from app.agreements.departures import _answer_for
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.intake.plan import flow_of, shortfall_of
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.progress.guarding import look_after
from app.progress.models import CashLine, CorrectiveAction, ProgressMilestone
from app.progress.operations import add_milestone, propose_action
from app.progress.plan import effect_lines, intake_lines, setting_of
from app.progress.states import CashKind, MilestoneState
from tests.factories.intake import agree_on_intake
from tests.factories.people import make_organisation
from tests.progress.conftest import agree_volumes
from tests.told import recorded

AGREED = {"ends_on": "2028-12-31", "tail_until": "2029-12-31"}


def end_early(bond, last):
    bond.agreement.terms = bond.agreement.terms | {"programme": AGREED}
    bond.programme.ends_on = bond.programme.tail_until = last
    db.session.commit()


def milestones(bond):
    rows = db.session.scalars(db.select(ProgressMilestone).filter_by(programme_id=bond.programme.id))
    return {row.code: row for row in rows.unique()}


def test_milestones_after_the_last_day_lapse_and_the_last_settlement_has_one(bond, browse):
    look_after(bond.programme)
    before = milestones(bond)
    assert "settled-2029-12-31" in before and before["settled-2029-12-31"].state == MilestoneState.OPEN
    end_early(bond, date(2027, 3, 15))
    look_after(bond.programme)
    found = milestones(bond)
    assert {one.state for code, one in found.items() if code > "settled-2027-04"} >= {MilestoneState.LAPSED}
    assert found["settled-2029-12-31"].state == MilestoneState.LAPSED
    assert found["settled-2027-03-15"].state == found["settled-2026-12-31"].state == MilestoneState.OPEN
    assert "settled-2029-12-31" in {facts["code"] for facts in recorded("milestone.lapse")}
    assert (
        "lapsed: the agreement changed"
        in browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/progress").text
    )
    assert not look_after(bond.programme), "told and done once"


def test_nobody_is_short_of_places_after_the_end(bond):
    """Enschede refers 20 until March and 10 in November; the bond ends on 15 October, so the ten never come. An effect
    is planned of all that was agreed, not of those who were left."""
    end_early(bond, date(2026, 10, 15))
    with clock.at(clock.local(date(2027, 2, 1), 12)):
        flow = flow_of(bond.programme, [bond.enschede.id])
        assert shortfall_of(flow, bond.enschede.id).planned == 20
        setting = setting_of(bond.programme)
        lines = intake_lines(bond.programme, setting, bond.intermediary)
        enschede = next(one for one in lines if one.municipality == bond.enschede)
        assert enschede.planned == 20
        [line] = effect_lines(bond.programme, setting, None)
        assert line.planned == 20 * 40 // 50


def test_a_month_that_is_cut_short_is_not_owed(bond):
    end_early(bond, date(2026, 11, 29))
    assert setting_of(bond.programme).clause.planned(bond.enschede.id, "2026-11") == 0
    end_early(bond, date(2026, 11, 30))
    assert setting_of(bond.programme).clause.planned(bond.enschede.id, "2026-11") == 10


def test_a_milestone_moves_with_an_amended_plan(bond):
    """Half of fifty came in by plan in April; Hengelo refers in June instead, so half is reached then."""
    look_after(bond.programme)
    assert milestones(bond)["intake-half"].due_on == date(2026, 4, 30)
    plan = {bond.enschede.id: {"2026-01": 10, "2026-03": 10, "2026-11": 10}, bond.hengelo.id: {"2026-06": 20}}
    agree_on_intake(bond, plan, tolerance_bp=1_000, paid=False)
    agree_volumes(bond, {"work-13w": 20})
    look_after(bond.programme)
    assert milestones(bond)["intake-half"].due_on == date(2026, 6, 30)
    assert recorded("milestone.move")[0]["due"] == "2026-06-30"


def test_a_successor_answers_for_what_was_left_to_do(bond):
    """What is met or done stays with who did it."""
    going, comes = bond.provider_organisation, make_organisation(OrganisationKind.PROVIDER)
    who = {"actor": bond.intermediary}
    add_milestone(bond.programme, "Coaches trained", going, date(2026, 12, 1), **who, once=uuid.uuid4())
    propose_action(bond.programme, "Find places", going, date(2026, 12, 1), **who, once=uuid.uuid4())
    finished = CorrectiveAction(programme=bond.programme, owner=going, proposed_by=bond.intermediary, what="Old")
    finished.due_on = finished.done_on = date(2026, 11, 1)
    finished.state = "done"
    db.session.add(finished)
    db.session.commit()
    _answer_for(bond.programme.id, going, comes)
    db.session.expire_all()
    actions = db.session.scalars(db.select(CorrectiveAction)).unique()
    assert {one.what: one.owner_id for one in actions} == {"Find places": comes.id, "Old": going.id}
    [added] = [one for code, one in milestones(bond).items() if code is None]
    assert added.owner_id == comes.id
    assert Part.PROVIDER in {party.part for party in bond.programme.parties}


def test_an_end_by_agreement_takes_milestones_and_plans_with_it_at_once(bond, browse):
    """No worker runs in between: with the last signature nothing is to be met or planned after the end, and the
    reservation of every budget year still stands beside its total."""
    look_after(bond.programme)
    agreement, last = bond.agreement, date(2027, 3, 15)
    years = {share.organisation.name: share.reserved for share in bond.programme.shares}
    facts = {"programme": bond.programme, "amount_minor": 100, "description": "Late"}
    late = CashLine(kind=CashKind.COSTS, month=date(2028, 6, 1), **facts)
    kept = CashLine(kind=CashKind.COSTS, month=date(2027, 9, 1), **facts)
    db.session.add_all([late, kept])
    db.session.commit()
    whole = (AmendmentKind.END, agreement.text, agreement.terms, "All of us stop.")
    mine, asked = bond.investor.organisations[0], {"asked": [(bond.investor.organisations[0], Part.INVESTOR)]}
    propose = operation(lay_before)
    amendment = propose(agreement, *whole, actor=bond.official, once=uuid.uuid4(), last_day=last, **asked)
    consent_to_amendment(amendment, mine, amendment.digest, actor=bond.investor)
    found = milestones(bond)
    assert bond.programme.tail_until == last
    assert found["settled-2029-12-31"].state == MilestoneState.LAPSED
    assert found["settled-2027-03-15"].state == MilestoneState.OPEN
    assert db.session.scalars(db.select(CashLine)).all() == [kept], "money still moves within a year after the end"
    reserved = {year for of_one in years.values() for year, minor in of_one.items() if minor}
    shown = browse(bond.official).get_ok(f"/programmes/{bond.programme.id}").text
    assert max(reserved) > last.year and f"over 2026 to {max(reserved)}" in shown
    for year in sorted(reserved):
        assert f">{year}</th>" in shown
