"""The consortium call: published, answered by two consortia, opened, scored, awarded, signed."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.calls import asked_operations as asked
from app.calls import operations as calls
from app.calls import question_operations
from app.calls.asked import ItemKind
from app.calls.asked_operations import ContactFacts, ItemFacts
from app.calls.extension_operations import OutageFacts, propose_extension, refuse_extension
from app.calls.key_operations import make_opening_key
from app.calls.models import Call
from app.calls.operations import CallFacts, CriterionFacts
from app.calls.question_operations import Reply
from app.consortia import operations as consortia
from app.consortia import part_operations
from app.consortia.coverage import municipalities_of
from app.consortia.models import Consortium
from app.consortia.parts import Declared, Share, Statement
from app.core.money import share
from app.demonstration import content
from app.demonstration.cast import Cast
from app.demonstration.document import pdf
from app.demonstration.people import PASSPHRASE
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.proposals import operations as proposals
from app.proposals.budget import WHOLE
from app.proposals.draft_operations import write_piece
from app.proposals.models import Proposal
from app.proposals.pieces import pieces_of
from app.proposals.submit_operations import submit_proposal

REQUIREMENTS = (
    "Programma van eisen (demonstratie)",
    "Een plan per combinatie, voor zeventig jongvolwassenen in Enschede en Hengelo.",
    "Betaald wordt per bewezen effect, volgens de gepubliceerde prijzentabel.",
)
OPENERS = ("government", "official2", "hengelo")
SCORERS = ("scorer1", "scorer2", "scorer3")


def publish_call(programme: Programme, cast: Cast, when: Timeline) -> Call:
    facts = CallFacts(
        title="Oproep SIB Jongvolwassenen",
        description=(
            "Sociale organisaties worden uitgedaagd om samen één plan in te dienen voor zeventig jongvolwassenen in "
            "een kwetsbare positie. Betaald wordt per bewezen effect, volgens de gepubliceerde prijzentabel."
        ),
        requirements="Ervaring met de doelgroep; verklaring van iedere partner; één plan per combinatie.",
        questions_until=when.moment(-185, 17),
        deadline=when.moment(-165, 12),
        standstill_days=20,
        criteria=tuple(CriterionFacts(name, weight, words) for name, words, weight in content.CRITERIA),
        openers=tuple(cast.users[name] for name in OPENERS),
        scorers=tuple(cast.users[name] for name in SCORERS),
    )
    with when.at(-215):
        call = calls.draft_call(programme, facts, actor=cast.user("government"), once=uuid.uuid4())
        say_where_to_turn(call, "Inkoop sociaal domein", "inkoop@enschede.example", cast.user("government"))
        asked.add_document(
            call,
            "Programma van eisen",
            pdf("programma-van-eisen.pdf", *REQUIREMENTS),
            actor=cast.user("government"),
            once=uuid.uuid4(),
        )
        budget = ItemFacts(ItemKind.BUDGET, "Begroting", "Per partner en jaar; opent nadat de kwaliteit vaststaat.")
        asked.add_item(call, budget, actor=cast.user("government"), once=uuid.uuid4())
        make_opening_keys(call, cast)
        calls.publish_call(call, actor=cast.user("official2"))
    with when.at(-205, 15):
        question = question_operations.ask_question(
            call,
            "Telt een leerwerktraject van 24 uur per week mee als werk van 13 weken?",
            actor=cast.user("rival"),
            once=uuid.uuid4(),
        )
    with when.at(-200):
        question_operations.answer_question(
            question,
            Reply(
                "Ja, als er een arbeidsovereenkomst is en het loon wordt uitbetaald; de loonstrook is het bewijsstuk."
            ),
            actor=cast.user("government"),
        )
        question_operations.publish_nota(call, actor=cast.user("government"), once=uuid.uuid4())
    refuse_more_time(call, cast, when)
    return call


def refuse_more_time(call: Call, cast: Cast, when: Timeline) -> None:
    """An outage in the night, a month before the deadline: proposed by one official, refused by another."""
    hour, began = timedelta(hours=1), when.moment(-196, 4)
    facts = OutageFacts(
        began_at=began,
        ended_at=began + hour,
        cause="Onderhoud aan het netwerk van het datacentrum.",
        deadline=call.deadline + hour,
    )
    with when.at(-196, 9):
        proposed = propose_extension(call, facts, actor=cast.user("government"), once=uuid.uuid4())
    with when.at(-196, 11):
        reason = "Een uur in de nacht, een maand voor de sluiting: niemand verloor er tijd door."
        refuse_extension(proposed, reason, actor=cast.user("official2"))


def say_where_to_turn(call: Call, name: str, address: str, actor: User) -> None:
    facts = ContactFacts(name, "Aanbestedingen", address)
    asked.add_contact(call, facts, actor=actor, once=uuid.uuid4())


def make_opening_keys(call: Call, cast: Cast) -> None:
    """With the passphrase that the sign-in page of the demonstration shows."""
    for name in OPENERS:
        make_opening_key(call, PASSPHRASE, actor=cast.user(name))


PLAN = {
    "approach": "Eén vaste begeleider per jongvolwassene, vanaf de eerste dag op alle leefgebieden tegelijk.",
    "team": "Twaalf begeleiders van beide organisaties, een jobcoach en een schuldhulpverlener.",
    "planning": "Instroom in tien maanden, begeleiding tot vierentwintig maanden.",
    "risks": "Tekort aan woningen: afspraken met drie corporaties. Uitval: wekelijks contact.",
}
RIVAL_PLAN = {
    "approach": "Groepsgericht traject van veertig weken, gevolgd door nazorg.",
    "team": "Zes trainers en vier begeleiders.",
    "planning": "Vier groepen, verspreid over het jaar.",
    "risks": "Afhankelijk van aanmeldingen door de wijkteams.",
}
VOLUMES = {
    "home-start": 50,
    "home-3m": 42,
    "home-6m": 36,
    "school-back": 30,
    "school-mbo2": 14,
    "work-13w": 34,
    "work-26w": 24,
    "debt-plan": 40,
    "care-stable": 20,
    "safe-12m": 18,
    "family-end": 8,
    "missing-place": 0,
}


def hand_in_plans(call: Call, cast: Cast, when: Timeline) -> None:
    """Two consortia; one of them of two organisations, each with its own part."""
    with when.at(-195):
        bridge = form(call, "bridge", "Samen Verder Twente", "Begeleiding en werk.", ("work", "income"), cast)
        consortia.invite_partner(bridge, cast.organisation("home"), actor=cast.user("provider"))
    with when.at(-193):
        consortia.accept_invitation(
            bridge,
            "Wonen, zorg en gezin.",
            ("home", "care", "family"),
            actor=cast.user("partner"),
            role="Wonen en zorg",
            skills=("housing", "mental_care", "family_work"),
            municipalities=places_of(call),
        )
        say_the_rest(bridge, 40, cast.user("partner"))
        say_the_rest(bridge, 60, cast.user("provider"))
    with when.at(-190):
        rival = form(call, "rival", "Kansrijk", "Het gehele traject.", ("work", "education"), cast)
        say_the_rest(rival, 100, cast.user("rival"))
    with when.at(-172):
        write_plan(bridge, PLAN, 1, cast.user("provider"))
        proposals.confirm_proposal(plan_of(bridge), actor=cast.user("partner"))
        proposals.confirm_proposal(plan_of(bridge), actor=cast.user("provider"))
        submit_proposal(plan_of(bridge), PASSPHRASE, actor=cast.user("provider"))
    with when.at(-166):
        write_plan(rival, RIVAL_PLAN, 2, cast.user("rival"))
        proposals.confirm_proposal(plan_of(rival), actor=cast.user("rival"))
        submit_proposal(plan_of(rival), PASSPHRASE, actor=cast.user("rival"))


def form(call: Call, organisation: str, name: str, part: str, domains: tuple[str, ...], cast: Cast) -> Consortium:
    lead = cast.organisation(organisation)
    actor = cast.user({"bridge": "provider", "rival": "rival"}[organisation])
    return consortia.form_consortium(
        call,
        lead,
        name,
        part,
        domains,
        actor=actor,
        once=uuid.uuid4(),
        role="Penvoerder",
        skills=("outreach", "mentoring", "job_coaching", "evidence"),
        municipalities=places_of(call),
    )


def places_of(call: Call) -> list[str]:
    return [str(place.id) for place in municipalities_of(call)]


def say_the_rest(consortium: Consortium, percent: int, actor: User) -> None:
    """What an organisation declares, and its share of the work and the money: the same for each effect."""
    answers = {statement.value: Declared(clear=True, words="") for statement in Statement}
    part_operations.declare(consortium, answers, actor=actor, version=None)
    shares = {str(effect.id): Share(work=percent, money=percent) for effect in consortium.call.table.effects}
    part_operations.share(consortium, shares, actor=actor, version=None)


def write_plan(consortium: Consortium, answers: dict[str, str], divisor: int, actor: User) -> None:
    """A plan with the volumes above, divided: a rival promises less. The effects come in equal parts over the years."""
    counted = [effect for effect in consortium.call.table.effects if effect.is_counted]
    numbers = {str(effect.id): VOLUMES[effect.code] // divisor for effect in counted}
    years = consortium.call.programme.years
    parts = dict(zip(map(str, years), share(WHOLE, [1 for _year in years]), strict=True))
    for piece in pieces_of(consortium):
        if piece.kind == ItemKind.VOLUMES:
            value: Any = {"numbers": numbers, "years": parts}
        else:
            value = budget_of(consortium) if piece.kind == ItemKind.BUDGET else answers[piece.key]
        write_piece(consortium, piece, value, actor=actor)


def budget_of(consortium: Consortium) -> list[dict[str, Any]]:
    """What each partner spends in each year in which effects may be paid (illustrative, minor units)."""
    return [
        {
            "organisation_id": str(partner.organisation_id),
            "year": year,
            "what": "Begeleiding (illustratief)",
            "amount_minor": 18_000_000 if partner.organisation_id == consortium.lead_id else 9_000_000,
        }
        for partner in consortium.taking_part
        for year in consortium.call.programme.years
    ]


def plan_of(consortium: Consortium) -> Proposal:
    return db.session.scalars(select(Proposal).where(Proposal.consortium_id == consortium.id)).one()
