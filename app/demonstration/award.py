"""Opened by two officials, scored by three, awarded after the standstill, agreed and signed by every party."""

import hashlib
import uuid

from app.agreements import operations as agreements
from app.agreements.intake_clause import IntakeClause, months_of, plan_intake
from app.agreements.models import Agreement
from app.agreements.verification_models import VerificationRules
from app.awards import objection_operations, queries
from app.awards import operations as awards
from app.awards.states import Suspends
from app.calls.models import Call
from app.core import clock
from app.core.document import Document
from app.core.money import share
from app.demonstration.cast import Cast
from app.demonstration.content import MISSING
from app.demonstration.people import PASSPHRASE
from app.demonstration.tender import SCORERS
from app.demonstration.timeline import Timeline
from app.evaluation import (
    consensus_operations,
    opening_operations,
    proof_operations,
    screening_operations,
)
from app.evaluation import operations as evaluation
from app.evaluation.discount_operations import consent_to_open_discounts
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.operations import Mark
from app.extensions import db
from app.programmes.models import Programme

# Points per criterion, in the order of the call, for the winner and for the rival.
POINTS = {"Samen Verder Twente": (9, 8, 7, 8), "Kansrijk": (6, 7, 6, 5)}
MOTIVATION = {
    "Samen Verder Twente": (
        "Werkt op alle leefgebieden tegelijk, met één vaste begeleider.",
        "Twee partners met aantoonbare resultaten bij deze doelgroep.",
        "De aantallen passen bij de nulmeting; wonen is voorzichtig geraamd.",
        "Concreet plan om de aanpak na de bond in de wijkteams te borgen.",
    ),
    "Kansrijk": (
        "Sterk op scholing, maar wonen en schulden blijven bij anderen liggen.",
        "Goede ervaring met groepen, minder met individuele trajecten.",
        "De aantallen voor werk zijn niet onderbouwd.",
        "Borging wordt genoemd, niet uitgewerkt.",
    ),
}
WINS = (
    "Uw inschrijving werkt op alle leefgebieden tegelijk met één vaste begeleider, onderbouwt haar aantallen met de "
    "nulmeting en haalt op elk criterium de meeste punten."
)
REASONS = (
    "De winnende inschrijving werkt op alle leefgebieden tegelijk en onderbouwt haar aantallen; zij scoort daardoor "
    "hoger op de aanpak en op de aannemelijkheid van de effecten."
)
HEADING = awards.Heading("2025-Z-0417", "Rechtbank Overijssel, locatie Almelo")
# What the winner does better, per criterion, in the order of the call.
BETTER = (
    "De winnaar werkt met één vaste begeleider op alle leefgebieden; bij u blijven wonen en schulden bij anderen.",
    "De winnaar laat resultaten met individuele trajecten zien, naast ervaring met groepen.",
    "De winnaar onderbouwt zijn aantallen met de nulmeting.",
    "De winnaar werkt uit hoe de aanpak na de bond in de wijkteams blijft.",
)
OBJECTION = "De score op de aannemelijkheid doet geen recht aan de onderbouwing van de aantallen voor werk."
ANSWER = "De onderbouwing noemt geen bron voor de aantallen; drie beoordelaars kwamen los van elkaar tot dit oordeel."
REPAIR = "De planning noemt vier groepen zonder begindatum. Wilt u de begindata geven, zonder iets anders te wijzigen?"
REPAIRED = "De groepen beginnen in januari, april, juli en oktober."
COMPLAINT = "Een inschrijver heeft een klacht ingediend. De gunning wacht op het advies van de klachteninstantie."
COMPLAINT_ENDED = "De klachteninstantie vond de klacht ongegrond."
MEETING = (
    "De drie beoordelaars zijn per criterium tot één score en één motivering gekomen; de verschillen waren hooguit "
    "twee punten."
)
OFFICIALS = ("government", "official2", "hengelo")
_PDF = b"%PDF-1.4\n% Bewijsstuk van de demonstratie\n"
PAPER = Document("bewijsstuk.pdf", "application/pdf", hashlib.sha256(_PDF).hexdigest(), _PDF)
SIGNING = (
    "government",
    "hengelo",
    "investor",
    "investor2",
    "provider",
    "partner",
    "intermediary",
    "assessor",
    "assessor2",
)
TEXT = (
    "Partijen komen overeen dat de gemeenten uitsluitend betalen voor effecten die de onafhankelijke toetser heeft "
    "vastgesteld, tegen de prijzen van de bevroren tabel, ieder voor de eigen inwoners en tot het eigen plafond."
)


def score_plans(call: Call, cast: Cast, when: Timeline) -> Evaluation:
    with when.at(-165, 14):
        opening_operations.consent_to_open(call, PASSPHRASE, actor=cast.user("government"))
    with when.at(-165, 15):
        opened = opening_operations.consent_to_open(call, PASSPHRASE, actor=cast.user("hengelo"))
    with when.at(-164):
        for name in OFFICIALS:
            evaluation.declare_conflict(opened, False, "", actor=cast.user(name))
        rival = next(plan for plan in opened.opened if plan.consortium.name == "Kansrijk")
        asked = screening_operations.ask_repair(rival, REPAIR, actor=cast.user("hengelo"))
        screening_operations.admit_clean(opened, actor=cast.user("hengelo"))
    with when.at(-164, 15):
        screening_operations.answer_enquiry(asked, REPAIRED, None, actor=cast.user("rival"))
    with when.at(-164, 16):
        screening_operations.screen_plan(rival, True, {}, "", actor=cast.user("hengelo"))
    with when.at(-163):
        for name in SCORERS:
            evaluation.declare_conflict(opened, False, "", actor=cast.user(name))
    for number, name in enumerate(SCORERS):
        with when.at(-160 + number):
            for plan in opened.opened:
                evaluation.give_score(plan, marks(plan, number - 1), actor=cast.user(name))
            evaluation.lock_scores(opened, actor=cast.user(name))
    with when.at(-154):
        for plan in opened.opened:
            consensus_operations.set_consensus(plan, marks(plan, 0), actor=cast.user("scorer1"))
        present = [cast.user(name) for name in SCORERS]
        consensus_operations.record_meeting(opened, clock.today(), present, MEETING, "", actor=present[0])
    with when.at(-153):
        consensus_operations.freeze_quality(opened, actor=cast.user("government"))
    for hour, name in ((14, "government"), (15, "hengelo")):
        with when.at(-153, hour):
            consent_to_open_discounts(opened, PASSPHRASE, actor=cast.user(name))
    return opened


def marks(plan: OpenedProposal, shade: int) -> dict[uuid.UUID, Mark]:
    """The consensus, or what one scorer gave: a point more or less on the first criterion."""
    name = plan.consortium.name
    given = zip(plan.evaluation.call.criteria, POINTS[name], MOTIVATION[name], strict=True)
    return {c.id: Mark(points + (shade if c.position == 1 else 0), words) for c, points, words in given}


def award(opened: Evaluation, cast: Cast, when: Timeline) -> None:
    with when.at(-150):
        better = {str(one.id): words for one, words in zip(opened.call.criteria, BETTER, strict=True)}
        awards.write_reasons(
            opened,
            {plan.id: WINS if plan.rank == 1 else REASONS for plan in opened.opened},
            advantages={plan.id: better for plan in opened.opened if plan.rank != 1},
            heading=HEADING,
            actor=cast.user("government"),
        )
        read = awards.digest_of_all(awards.drafts(opened))
        awards.review_letters(opened, read, actor=cast.user("official2"))
        awards.decide_award(opened, actor=cast.user("government"))
        for letter in db.session.scalars(queries.letters_of(opened)).unique():
            awards.read_letter(letter, actor=cast.user("provider" if letter.opened.rank == 1 else "rival"))
    with when.at(-142):
        objection = objection_operations.file_objection(opened, OBJECTION, actor=cast.user("rival"))
    with when.at(-137):
        objection_operations.examine_objection(objection, actor=cast.user("government"))
        objection_operations.decide_objection(objection, False, ANSWER, actor=cast.user("official2"))
    with when.at(-136):
        waits = objection_operations.suspend_award(
            opened, Suspends.COMPLAINT, COMPLAINT, actor=cast.user("government"), once=uuid.uuid4()
        )
    with when.at(-135):
        prove(opened, cast)
    with when.at(-128):
        objection_operations.resume_award(waits, COMPLAINT_ENDED, actor=cast.user("government"))
    with when.at(-125):
        awards.finalise_award(opened, actor=cast.user("government"))


def prove(opened: Evaluation, cast: Cast) -> None:
    """The lead of the winner hands in the proof of both partners; an official checks it."""
    for proof in proof_operations.proofs_of(opened.awarded()):
        issued_on = clock.day_of(opened.call.deadline)
        proof_operations.hand_in_proof(proof, issued_on, PAPER, actor=cast.user("provider"))
        proof_operations.check_proof(proof, True, "", actor=cast.user("hengelo"))


def plan_of_first_year(programme: Programme) -> dict[uuid.UUID, dict[str, int]]:
    """Everybody is referred within a year, which in practice is too fast."""
    months = months_of(programme)[:12]
    sizes = {one.organisation_id: one.cohort_size for one in programme.shares}
    return {payer: dict(zip(months, share(size, [1] * len(months)), strict=True)) for payer, size in sizes.items()}


def sign_agreement(programme: Programme, cast: Cast, when: Timeline) -> Agreement:
    with when.at(-110):
        agreement = agreements.draft_agreement(
            programme, TEXT, actor=cast.user("intermediary"), once=uuid.uuid4(), files_kept_days=1_095
        )
        agreements.set_verification(
            agreement,
            VerificationRules(sampling=True, tolerance_bp=500, counter_signed=True),
            actor=cast.user("intermediary"),
        )
        clause = IntakeClause(plan_of_first_year(programme), tolerance_bp=1_000, effect=MISSING)
        plan_intake(agreement, clause, actor=cast.user("intermediary"))
        agreements.offer_agreement(agreement, actor=cast.user("intermediary"))
    for number, name in enumerate(SIGNING):
        with when.at(-105 + number):
            person = cast.user(name)
            agreements.sign_agreement(agreement, person.organisations[0], agreement.digest, actor=person)
    return agreement
