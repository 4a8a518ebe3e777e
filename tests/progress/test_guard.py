"""Early warnings: from facts, told once, to those who must act, and to nobody who may not know (domain, 3 and 9)."""

import uuid
from datetime import date, timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from app.programmes.states import Phase
from app.progress.cash_plan import cash_plan
from app.progress.due import run_due
from app.progress.guarding import guard_bond, look_after, remind
from app.progress.models import EarlyWarning, ProgressMilestone
from app.progress.operations import add_milestone, agree_to_action, propose_action
from app.progress.plan import setting_of
from app.progress.states import CashKind, MilestoneState, WarningKind
from app.progress.watch import readable, warnings_of
from app.settlement.invoice_models import Invoice
from app.treasury.default_operations import confirm_default, declare_default
from app.treasury.operations import receive_capital
from tests.browser import soup
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_batch, make_claim, make_participant, publish
from tests.factories.programmes import make_party
from tests.factories.treasury import call, fund, owe
from tests.progress.conftest import TODAY
from tests.progress.test_cash_plan import plan
from tests.told import body_told, recorded, told, words_told

W = WarningKind


def found(bond, who=None):
    warnings = warnings_of(bond.programme, setting_of(bond.programme))
    return {one.kind for one in (warnings if who is None else readable(warnings, who))}


def about(bond, kind):
    return [one for one in warnings_of(bond.programme, setting_of(bond.programme)) if one.kind == kind]


def fill(bond, payer, count):
    for _ in range(count):
        make_referral(bond, payer, referred_on=date(2026, 5, 1))


def test_intake_of_a_municipality_is_for_itself_and_the_providers(bond):
    """20 were planned by October and 2 may be missing: 17 is one short, 18 is enough. Hengelo has its 20."""
    fill(bond, bond.hengelo, 20)
    fill(bond, bond.enschede, 17)
    publish(bond)
    [short, started, also, whole] = about(bond, W.INTAKE_BEHIND)
    assert short.about == str(bond.enschede.id)
    assert short.readers == {bond.enschede.id, bond.provider_organisation.id} == short.acts
    assert "17 of 20" in short.words()
    assert whole.about == "all", "nobody has started, which everybody may see"
    assert {started.about, also.about} == {f"started:{payer.id}" for payer in (bond.enschede, bond.hengelo)}
    fill(bond, bond.enschede, 1)
    assert [one.about for one in about(bond, W.INTAKE_BEHIND)] == [started.about, also.about, "all"]


def test_of_a_municipality_no_provider_is_warned_where_several_took_people_in(bond):
    """17 less its own would tell how many the other took in (GDPR, article 5(1)(c))."""
    partner = make_party(bond.programme, Part.PROVIDER)
    fill(bond, bond.enschede, 17)
    for provider in (bond.provider_organisation, partner):
        make_participant(bond, bond.hengelo, provider=provider)
    short = next(one for one in about(bond, W.INTAKE_BEHIND) if one.about == str(bond.enschede.id))
    assert short.readers == short.acts == {bond.enschede.id}


def test_each_municipality_where_fewer_started_is_listed_and_told(bond, browse):
    """20 were planned in each by October and 2 may be missing: 19 is enough in Enschede, 13 is not in Hengelo; that
    every place there was referred makes nobody start. Everybody reads it, for everybody reads the 13."""
    for payer, count in ((bond.enschede, 19), (bond.hengelo, 13)):
        fill(bond, payer, 20)
        for _ in range(count):
            make_participant(bond, payer)
    publish(bond)
    [behind, whole] = about(bond, W.INTAKE_BEHIND)
    assert (behind.about, whole.about) == (f"started:{bond.hengelo.id}", "all")
    assert behind.acts == {bond.hengelo.id, bond.intermediary.organisations[0].id}
    assert bond.investor.organisations[0].id in behind.readers
    look_after(bond.programme)
    page = soup(browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/progress"))
    [row] = [one for one in page.select("tbody tr") if "Hengelo: fewer people started" in one.text]
    assert "Hengelo," in row.select("td")[1].text and "Enschede" not in row.select("td")[1].text
    for _ in range(5):
        make_participant(bond, bond.hengelo)
    publish(bond)
    assert not about(bond, W.INTAKE_BEHIND), "18 of 20"


def test_nothing_is_behind_before_anything_is_published(bond):
    assert not [one for one in about(bond, W.INTAKE_BEHIND) if one.about == "all"] + about(bond, W.EFFECT_BEHIND)


def test_of_the_whole_intake_a_warning_follows_from_what_is_shown(bond):
    """40 were planned by October, 4 may be missing. Three who started are hidden as "<5", which is behind for sure."""
    for payer, count in ((bond.enschede, 2), (bond.hengelo, 1)):
        for _ in range(count):
            make_participant(bond, payer)
    publish(bond)
    whole = next(one for one in about(bond, W.INTAKE_BEHIND) if one.about == "all")
    assert bond.investor.organisations[0].id in whole.readers
    assert "3" not in whole.words().replace("31", ""), "the number itself is told to nobody"
    for payer, count in ((bond.enschede, 18), (bond.hengelo, 15)):
        for _ in range(count):
            make_participant(bond, payer)
    publish(bond)
    assert not [one for one in about(bond, W.INTAKE_BEHIND) if one.about == "all"], "36 of 40"


def test_an_effect_behind_plan_is_seen_by_what_everybody_may_know(bond):
    """8 were planned to be proven by June; 7 is within a fifth, 6 is not."""
    for _ in range(6):
        make_claim(bond, make_participant(bond, bond.hengelo), state=ClaimState.VERIFIED)
    make_batch(bond)
    publish(bond)
    [behind] = about(bond, W.EFFECT_BEHIND)
    assert behind.about == "work-13w" and bond.investor.organisations[0].id in behind.readers
    make_claim(bond, make_participant(bond, bond.hengelo), state=ClaimState.VERIFIED)
    make_batch(bond)
    publish(bond)
    assert not about(bond, W.EFFECT_BEHIND)


def test_claims_that_wait_too_long(bond):
    """Thirty days is allowed; and how many wait is told to nobody."""
    claim = make_claim(bond, submitted_at=clock.now() - timedelta(days=30))
    assert W.CLAIMS_WAIT not in found(bond)
    claim.submitted_at = clock.now() - timedelta(days=31)
    db.session.commit()
    assert W.CLAIMS_WAIT in found(bond, bond.assessor) & found(bond, bond.provider) & found(bond, bond.intermediary)
    assert W.CLAIMS_WAIT not in found(bond, bond.investor) | found(bond, bond.official)


def test_a_statement_that_is_not_paid_on_its_day(bond):
    """Of Enschede: told to Enschede and the desk, not to Hengelo, the investors or the providers."""
    [statement, _] = owe(bond, 500_000, 300_000)
    db.session.add(
        Invoice(
            statement=statement,
            programme_id=bond.programme.id,
            issuer=bond.intermediary.organisations[0],
            kind="invoice",
            year=2026,
            sequence=1,
            issued_on=TODAY - timedelta(days=30),
            due_on=TODAY,
            amount_minor=500_000,
            vat_minor=0,
            locale="nl",
            content={},
            digest="0" * 64,
        )
    )
    db.session.commit()
    assert W.STATEMENT_LATE not in found(bond)
    with clock.at(clock.local(TODAY + timedelta(days=1), 12)):
        assert W.STATEMENT_LATE in found(bond, bond.official) & found(bond, bond.intermediary)
        for who in (bond.neighbour, bond.investor, bond.provider, bond.assessor):
            assert W.STATEMENT_LATE not in found(bond, who)


def test_capital_that_is_not_paid_in_on_its_day(bond):
    made = call(bond, 6_000_000)
    [paid] = [part for part in made.parts if part.organisation_id in bond.investor.organisation_ids]
    receive_capital(paid, TODAY, actor=bond.intermediary)
    assert W.CAPITAL_LATE not in found(bond)
    with clock.at(clock.local(made.due_on + timedelta(days=1), 12)):
        assert W.CAPITAL_LATE in found(bond, bond.intermediary) & found(bond, bond.second)
        assert W.CAPITAL_LATE not in found(bond, bond.investor), "it has paid"


def test_nobody_counts_on_capital_in_default(bond):
    made = call(bond, 6_000_000)
    paid, owed = sorted(made.parts, key=lambda part: part.organisation_id not in bond.investor.organisation_ids)
    receive_capital(paid, TODAY, actor=bond.intermediary)

    def counted_on():
        months = cash_plan(bond.programme).months
        return [one.amount_minor for month in months for one in month.flows if one.kind == CashKind.CAPITAL]

    assert counted_on() == [owed.amount_minor]
    with clock.at(clock.local(made.due_on + timedelta(days=30), 12)):
        default = declare_default(owed, "No answer.", actor=bond.intermediary, once=uuid.uuid4())
        assert W.CAPITAL_LATE in found(bond), "one person alone decides nothing"
        confirm_default(default, actor=bond.colleague)
        assert W.CAPITAL_LATE not in found(bond)
        assert counted_on() == []


def test_capital_that_falls_out_is_for_every_party_and_whose_it_is_for_who_may_read_it(bond, browse):
    """200,000.00 was promised and none of it comes in. Municipalities, providers and the auditor hear it at once."""
    made = call(bond, 6_000_000)
    [owed] = [part for part in made.parts if part.organisation_id in bond.second.organisation_ids]
    name = bond.second.organisations[0].name
    with clock.at(clock.local(made.due_on + timedelta(days=30), 12)):
        default = declare_default(owed, "No answer.", actor=bond.intermediary, once=uuid.uuid4())
        assert W.CAPITAL_LOST not in found(bond), "one person alone decides nothing"
        confirm_default(default, actor=bond.colleague)
        for who in (bond.official, bond.neighbour, bond.provider):
            heard = body_told("default.confirm", who)
            assert "€200,000.00" in heard and "The intermediary guards what follows" in heard and name not in heard
            page = browse(who).get_ok(f"/programmes/{bond.programme.id}/progress")
            [row] = [one for one in soup(page).select("tbody tr") if "Capital falls out" in one.text]
            assert "€200,000.00" in row.text and name not in row.select("td")[0].text
            assert "Hengelo," in row.select("td")[1].text, "who was told, at once"
        assert name in body_told("default.confirm", bond.auditor), "the auditor reads the default itself"
        assert W.CAPITAL_LOST in found(bond, bond.investor) & found(bond, bond.auditor) & found(bond, bond.intermediary)
        receive_capital(owed, clock.today(), actor=bond.intermediary)
        assert W.CAPITAL_LOST not in found(bond), "paid late"


def test_money_that_runs_out_within_three_months_is_for_the_desk(bond):
    fund(bond, 1_000_000)
    plan(bond, CashKind.COSTS, date(2027, 2, 1), 1_000_001)
    assert W.CASH_SHORT not in found(bond), "February is the fourth month"
    plan(bond, CashKind.COSTS, date(2027, 1, 20), 1_000_001)
    assert W.CASH_SHORT in found(bond, bond.intermediary) & found(bond, bond.auditor)
    assert W.CASH_SHORT not in found(bond, bond.investor) | found(bond, bond.provider)
    [short] = about(bond, W.CASH_SHORT)
    assert "0.01" in short.words() and "January 2027" in short.words()


def test_late_milestones_and_actions(bond):
    day = TODAY + timedelta(days=2)
    owner = bond.provider_organisation
    add_milestone(bond.programme, "Start", owner, day, actor=bond.intermediary, once=uuid.uuid4())
    asked = propose_action(bond.programme, "More", owner, day, actor=bond.intermediary, once=uuid.uuid4())
    with clock.at(clock.local(day + timedelta(days=1), 12)):
        assert W.CORRECTIVE_LATE not in found(bond), "nobody promised it"
        assert W.MILESTONE_LATE in found(bond, bond.investor)
    agree_to_action(asked, actor=bond.provider)
    with clock.at(clock.local(day, 23)):
        assert not {W.CORRECTIVE_LATE, W.MILESTONE_LATE} & found(bond)
    with clock.at(clock.local(day + timedelta(days=1), 12)):
        assert {W.CORRECTIVE_LATE, W.MILESTONE_LATE} <= found(bond)


def test_told_once_to_whoever_must_act(bond):
    fill(bond, bond.hengelo, 20)
    claim = make_claim(bond, submitted_at=clock.now() - timedelta(days=31))
    assert look_after(bond.programme)
    readers = told("warning.give")
    assert {bond.official.email, bond.provider.email, bond.assessor.email, bond.intermediary.email} <= readers
    assert not {bond.investor.email, bond.auditor.email, bond.neighbour.email} & readers
    notices = words_told("warning.give")
    assert not look_after(bond.programme) and not guard_bond(bond.programme), "nothing is told twice"
    assert words_told("warning.give") == notices
    claim.state = ClaimState.VERIFIED
    db.session.commit()
    assert look_after(bond.programme)
    over = db.session.scalars(db.select(EarlyWarning).filter_by(kind=W.CLAIMS_WAIT)).one()
    assert over.standing is None and over.ended_at is not None
    assert recorded("warning.end") == [{"kind": "claims_wait"}]
    claim.state = ClaimState.SUBMITTED
    db.session.commit()
    look_after(bond.programme)
    assert recorded("warning.give").count({"kind": "claims_wait"}) == 2, "what comes back is told anew"


def test_milestones_of_the_agreement_are_laid_once_and_met_by_facts(bond):
    """25 of the 50 in the plan are due by the end of April; half of the 70 places is 35 people."""
    look_after(bond.programme)
    laid = {one.code: one for one in db.session.scalars(db.select(ProgressMilestone))}
    assert laid["intake-half"].due_on == date(2026, 4, 30) and laid["intake-full"].due_on == date(2026, 11, 30)
    assert laid["signed-2026-06-30"].due_on == date(2026, 8, 14)
    assert laid["signed-2026-06-30"].owner_id == bond.assessor.organisations[0].id
    assert laid["settled-2026-06-30"].due_on == date(2026, 9, 28)
    late = about(bond, W.MILESTONE_LATE)
    for _ in range(35):
        make_participant(bond, bond.enschede if _ % 2 else bond.hengelo)
    make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    publish(bond)
    look_after(bond.programme)
    for code, on in (("intake-half", date(2026, 1, 1)), ("signed-2026-06-30", TODAY)):
        db.session.refresh(laid[code])
        assert (laid[code].state, laid[code].met_on) == (MilestoneState.MET, on)
    assert len(about(bond, W.MILESTONE_LATE)) == len(late) - 2
    assert db.session.query(ProgressMilestone).count() == len(laid)


def half_of(bond):
    return db.session.scalars(db.select(ProgressMilestone).filter_by(code="intake-half")).one()


def start(bond, number, on):
    for which in range(number):
        make_participant(bond, bond.hengelo if which % 20 == 0 else bond.enschede, started_on=on)


def test_half_of_the_intake_is_met_by_who_really_started_not_by_what_is_shown(bond, browse):
    """35 of 70 by 30 April. Nothing was published, so that no figure is shown to anybody; the 35th came in April."""
    start(bond, 34, date(2026, 2, 3))
    start(bond, 1, date(2026, 4, 30))
    look_after(bond.programme)
    assert (half_of(bond).state, half_of(bond).met_on) == (MilestoneState.MET, date(2026, 4, 1))
    assert "Half of the participants have started: was to be done" not in words_told("warning.give")
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/progress").text
    assert "April 2026" in page and "late, " not in page
    assert "30 April 2026" in page, "its last day, as agreed"
    assert "1 April 2026" not in page, "no day of a start is told"
    assert recorded("milestone.see") == [{"month": "2026-04"}]


@pytest.mark.parametrize("on, late", [(date(2026, 4, 30), ""), (date(2026, 5, 1), "1 month late")])
def test_late_follows_from_the_month_in_which_people_really_started(bond, browse, on, late):
    start(bond, 34, date(2026, 2, 3))
    start(bond, 1, on)
    look_after(bond.programme)
    assert half_of(bond).how_late == late


def test_it_is_seen_when_the_month_is_over_so_that_no_hour_tells_who_came(bond):
    start(bond, 34, date(2026, 2, 3))
    start(bond, 1, date(2026, 11, 3))
    with clock.at(clock.local(date(2026, 11, 30), 23)):
        look_after(bond.programme)
        assert half_of(bond).state == MilestoneState.OPEN
    with clock.at(clock.local(date(2026, 12, 1), 1)):
        look_after(bond.programme)
        assert (half_of(bond).met_when, half_of(bond).how_late) == ("November 2026", "7 months late")


def test_one_fewer_than_half_is_not_half(bond):
    """A figure that is shown as a range or rounded would say otherwise."""
    start(bond, 34, date(2026, 2, 3))
    publish(bond)
    look_after(bond.programme)
    assert half_of(bond).state == MilestoneState.OPEN


def test_what_was_met_when_it_was_laid_is_never_called_late(bond):
    make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    look_after(bond.programme)
    assert "Effects up to 30 June 2026 are signed off" not in words_told("warning.give")
    assert "Effects up to 30 June 2026 are settled: was to be done" in words_told("warning.give")


def test_a_closed_bond_is_warned_of_no_more(bond):
    look_after(bond.programme)
    bond.programme.phase = Phase.CLOSED
    db.session.commit()
    assert not found(bond)
    look_after(bond.programme)
    assert not db.session.scalars(db.select(EarlyWarning).where(EarlyWarning.standing.is_not(None))).all()


@pytest.mark.parametrize("days, reminded", [(15, 0), (14, 2), (0, 2)])
def test_whoever_owes_something_soon_is_reminded_once(bond, days, reminded):
    day, owner = TODAY + timedelta(days=days), bond.provider_organisation
    add_milestone(bond.programme, "Start", owner, day, actor=bond.intermediary, once=uuid.uuid4())
    asked = propose_action(bond.programme, "More", owner, day, actor=bond.intermediary, once=uuid.uuid4())
    agree_to_action(asked, actor=bond.provider)
    assert remind() == reminded
    assert remind() == 0
    assert (bond.provider.email in told("milestone.meet")) == bool(reminded)
    assert (bond.provider.email in told("corrective.finish")) == bool(reminded)


def test_the_worker_looks_once_an_hour(bond):
    from flask import current_app

    current_app.extensions.pop("progress looked", None)
    assert run_due()
    claim = make_claim(bond, submitted_at=clock.now() - timedelta(days=40))
    assert claim and run_due() == 0
    with clock.at(clock.now() + timedelta(hours=1)):
        assert run_due() == 1
    current_app.extensions.pop("progress looked", None)
