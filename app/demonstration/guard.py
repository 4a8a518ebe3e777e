"""How progress is guarded: milestones, what the portal warns of, what the parties agreed to do, the cash plan."""

import uuid
from datetime import timedelta

from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.programmes.models import Programme
from app.progress import guarding, operations, planning
from app.progress.planning import LineFacts
from app.progress.states import CashKind, WarningKind


def look_after(bond: Programme, offset: int, when: Timeline) -> None:
    """What the worker does every hour."""
    with when.at(offset, 7):
        guarding.look_after(bond)


def guard_progress(bond: Programme, cast: Cast, when: Timeline) -> None:
    """A milestone met and one to come; one action agreed and one asked; the next half-year's money."""
    days = (when.today - when.start).days
    with when.at(10):
        opened = operations.add_milestone(
            bond,
            "Wijkteams van beide steden kennen de weg",
            cast.organisation("hengelo"),
            when.day(40),
            actor=cast.user("intermediary"),
            once=uuid.uuid4(),
        )
    with when.at(36):
        operations.meet_milestone(opened, when.day(35), "Verslag van de startbijeenkomst.", actor=cast.user("hengelo"))
    with when.at(days - 12):
        operations.add_milestone(
            bond,
            "Afspraak met drie werkgevers over leerwerkplekken",
            cast.organisation("bridge"),
            when.today + timedelta(days=25),
            actor=cast.user("intermediary"),
            once=uuid.uuid4(),
        )
    look_after(bond, days - 4, when)
    with when.at(days - 3, 11):
        asked = operations.propose_action(
            bond,
            "Elke maand samen met de wijkteams de aanmeldlijst doornemen.",
            cast.organisation("enschede"),
            when.today + timedelta(days=18),
            WarningKind.INTAKE_BEHIND,
            actor=cast.user("intermediary"),
            once=uuid.uuid4(),
        )
    with when.at(days - 2, 15):
        operations.agree_to_action(asked, actor=cast.user("government"))
        operations.propose_action(
            bond,
            "Twee dagen per maand meer voor de beoordeling, tot niemand langer dan een maand wacht.",
            cast.organisation("assessors"),
            when.today + timedelta(days=40),
            WarningKind.CLAIMS_WAIT,
            actor=cast.user("intermediary"),
            once=uuid.uuid4(),
        )
    plan_money(bond, days - 2, cast, when)


def plan_money(bond: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    lines = (
        (CashKind.COSTS, 60, 7_500_000, "Begeleiding, volgend halfjaar"),
        (CashKind.CAPITAL, 95, 10_000_000, "Derde opvraging"),
        (CashKind.COSTS, 150, 7_500_000, "Begeleiding, tweede kwartaal"),
        (CashKind.DISTRIBUTIONS, 215, 4_000_000, "Uitkering na de afrekening"),
    )
    for kind, ahead, amount, words in lines:
        facts = LineFacts(kind, when.today + timedelta(days=ahead), amount, words)
        with when.at(offset, 16):
            planning.plan_line(bond, facts, actor=cast.user("treasurer"), once=uuid.uuid4())
