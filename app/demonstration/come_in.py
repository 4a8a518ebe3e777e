"""Intake: how it is opened, who refers whom, where each stood at the start, and that nobody is registered twice."""

import uuid

from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.intake import baseline, key, operations, views
from app.intake.models import AgeBand, DeclineReason, LegalBasis, Participant, Referral, intake_of
from app.intake.operations import IntakeFacts
from app.intake.scales import Scale
from app.pricing.models import CompanionView
from app.programmes.models import LifeDomain, Programme

BANDS = (AgeBand.FROM_16, AgeBand.FROM_18, AgeBand.FROM_18, AgeBand.FROM_21)
PEOPLE = 40
SCORED = 12  # whose baseline is recorded by now
LEVELS = (2, 3, 1, 3, 4, 2, 2)  # of the first one, per life domain


def open_intake(programme: Programme, cast: Cast, when: Timeline) -> None:
    """The leading municipality opens it before anybody comes in; the lead of the consortium keeps the key."""
    facts = IntakeFacts(Scale.FIVE_STEPS, LegalBasis.PUBLIC_TASK, cast.organisation("bridge"))
    with when.at(-30):
        operations.open_intake(programme, facts, actor=cast.user("government"), once=uuid.uuid4())


def register_participants(programme: Programme, cast: Cast, when: Timeline) -> list[Participant]:
    """One young adult every four days, two of three in Enschede; most were referred, some the provider found."""
    people = []
    for number in range(PEOPLE):
        offset = 2 + 4 * number
        city = "hengelo" if number % 3 == 2 else "enschede"
        band = BANDS[number % len(BANDS)]
        referral = None
        if number % 4:
            with when.at(offset - 1, 10):
                referral = refer(programme, city, band, cast)
                operations.admit_referral(referral, actor=cast.user("provider"))
        with when.at(offset, 9 + number % 8):
            started = operations.register_participant(
                programme,
                cast.organisation(city),
                band,
                when.day(offset),
                referral=referral,
                informed_on=when.day(offset - 1),
                actor=cast.user("provider"),
                once=uuid.uuid4(),
            )
            people.append(started)
    return people


def refer(programme: Programme, city: str, band: AgeBand, cast: Cast) -> Referral:
    actor = cast.user({"enschede": "government", "hengelo": "hengelo"}[city])
    return operations.refer_resident(programme, cast.organisation(city), band, actor=actor, once=uuid.uuid4())


def know_people(programme: Programme, people: list[Participant], cast: Cast, when: Timeline) -> None:
    """Baselines, a pause, referrals that wait or were turned down, a view asked and given, the key attested."""
    provider = cast.user("provider")
    for number, person in enumerate(people[:SCORED]):
        scores = {domain: 1 + (level + number) % 5 for domain, level in zip(LifeDomain, LEVELS, strict=True)}
        with when.at((person.started_on - when.start).days + 3):
            baseline.record_baseline(person, scores, person.started_on, actor=provider)
    days = (when.today - when.start).days
    with when.at(days - 9):
        refer(programme, "enschede", AgeBand.FROM_18, cast)
        turned_down = refer(programme, "hengelo", AgeBand.FROM_16, cast)
        operations.decline_referral(turned_down, DeclineReason.NOT_COHORT, actor=provider)
        paused = people[30]
        operations.pause_participant(paused, when.day(days - 12), actor=provider, once=uuid.uuid4())
    with when.at(days - 8):
        indicator = views.indicators_of(people[0])[0]
        for person in people[:2]:
            view = indicator.companion_view or CompanionView.PARTICIPANT
            token = views.ask_view(person, indicator, view, actor=provider, once=uuid.uuid4())
            asked = views.find_view(token or "")
            if person is people[0] and asked is not None:
                views.give_view(asked, 4, "Het voelt eindelijk als mijn eigen plek.")
    look_up_codes(programme, days, cast, when)


def look_up_codes(programme: Programme, days: int, cast: Cast, when: Timeline) -> None:
    opened = db.session.scalars(intake_of(programme.id)).unique().one()
    with when.at(days - 7):
        digest = key.digest_of(key.codes_of(opened))
        key.attest_key(opened, digest, actor=cast.user("provider"), once=uuid.uuid4())
        key.draw_codes(opened, actor=cast.user("assessor"), once=uuid.uuid4())
