"""The demonstration, read top to bottom: what happened, when, by whom."""

from datetime import timedelta

from sqlalchemy import exists, select

from app.core import clock
from app.core.operation import housekeeping
from app.demonstration import (
    appeals,
    award,
    bank,
    beside,
    change,
    come_in,
    content,
    deliver,
    guard,
    money,
    prepare,
    tail,
    tender,
)
from app.demonstration.cast import invite_everybody
from app.demonstration.timeline import timeline
from app.extensions import db
from app.notifications.models import Notification
from app.outcomes.due import publish
from app.people.models import User
from app.pricing.operations import TableFacts

CAPS = TableFacts(
    note=content.TABLE_NOTE, cap_per_person_minor=1_500_000, cap_contract_minor=90_000_000, illustrative=True
)


def is_empty() -> bool:
    return not db.session.scalar(select(exists().where(User.email.is_not(None))))


def demonstration() -> None:
    """Build the bonds by the operations that the pages call, actor by actor, at historical moments."""
    when = timeline()
    with when.at(-300):
        cast = invite_everybody()

    with when.at(-290):
        prepare.fill_register(cast)
    bond = prepare.draft_programme(CAPS, cast, when)
    prepare.publish_prices(bond, content.EFFECTS, CAPS, cast, when, offset=-265)
    round = prepare.raise_capital(bond, cast, when)
    prepare.save_scenario(bond, cast, when)

    call = tender.publish_call(bond, cast, when)
    tender.hand_in_plans(call, cast, when)
    evaluation = award.score_plans(call, cast, when)
    award.award(evaluation, cast, when)
    change.record_signatories(cast, -112, when)
    agreement = award.sign_agreement(bond, cast, when)

    money.name_account(bond, -62, cast, when)
    money.call_capital(bond, 30_000_000, -60, "Voorbereiding en eerste half jaar", cast, when)
    bank.name_accounts(-50, cast, when)
    come_in.open_intake(bond, cast, when)
    people = come_in.register_participants(bond, cast, when)
    guard.look_after(bond, 162, when)
    money.pay_costs(bond, 12, cast, when)
    bank.pay_batch(bond, 14, cast, when)
    claims = deliver.claim_effects(deliver.FIRST_HALF_YEAR, people, agreement, when.half_year_end, cast, when)
    after = (when.half_year_end - when.start).days + 3
    deliver.decide_claims(bond, claims, after, cast, when)
    deliver.sign_off(bond, after + 1, cast, when)
    appeals.appeal(claims, after + 2, cast, when)

    money.settle(bond, when.half_year_end, after + 4, cast, when)
    guard.look_after(bond, after + 25, when)
    money.distribute(bond, after + 28, cast, when)
    bank.pay_batch(bond, after + 30, cast, when)
    come_in.know_people(bond, people, cast, when)
    asked = beside.second_half_year(bond, people, agreement, cast, when)
    change.change_agreement(agreement, award.SIGNING, cast, when)
    beside.pass_on_a_part(round, cast, when)
    deliver.show_evidence(claims, people, cast, when)
    appeals.doubt(claims, (when.today - when.start).days - 1, cast, when)
    bank.leave_to_the_statement(bond, (when.today - when.start).days - 2, cast, when)
    bank.import_statement(bond, asked, (when.today - when.start).days - 1, cast, when)
    bank.leave_a_receipt_as_it_is(bond, (when.today - when.start).days - 1, cast, when)
    bank.take_back_a_receipt(bond, (when.today - when.start).days - 1, cast, when)
    bank.name_another((when.today - when.start).days - 1, cast, when)
    guard.guard_progress(bond, cast, when)
    beside.second_bond(cast, when)
    beside.third_bond(cast, when)
    tail.bond_near_its_end(cast, when)
    publish()
    mark_old_notices_read(when.today)


@housekeeping
def mark_old_notices_read(today) -> None:
    """Months of use: people have read what came more than two weeks ago."""
    for notice in db.session.scalars(select(Notification)):
        if clock.day_of(notice.created_at) < today - timedelta(days=14):
            notice.read_at = notice.created_at + timedelta(hours=3)
