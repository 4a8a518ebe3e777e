"""The consortium call: published, answered by two consortia, opened, scored, awarded, signed."""

import uuid

from app.calls import operations as calls
from app.calls.models import Call
from app.calls.operations import CallFacts, CriterionFacts
from app.demonstration import content
from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.programmes.models import Programme

SCORERS = ("scorer1", "scorer2", "scorer3")


def publish_call(programme: Programme, cast: Cast, when: Timeline) -> Call:
    facts = CallFacts(
        title="Consortiumoproep SIB Jongvolwassenen",
        description=(
            "Sociale organisaties worden uitgedaagd om samen één plan in te dienen voor zeventig jongvolwassenen in een "
            "kwetsbare positie. Betaald wordt per bewezen effect, volgens de gepubliceerde prijzentabel."
        ),
        requirements="Ervaring met de doelgroep; verklaring van iedere partner; één plan per combinatie.",
        questions_until=when.moment(-185, 17),
        deadline=when.moment(-165, 12),
        standstill_days=20,
        criteria=tuple(CriterionFacts(name, weight, words) for name, words, weight in content.CRITERIA),
        openers=(cast.users["government"], cast.users["hengelo"]),
        scorers=tuple(cast.users[name] for name in SCORERS),
    )
    with when.at(-215):
        call = calls.draft_call(programme, facts, actor=cast.user("government"), once=uuid.uuid4())
        calls.publish_call(call, actor=cast.user("official2"))
    with when.at(-205, 15):
        question = calls.ask_question(
            call,
            "Telt een leerwerktraject van 24 uur per week mee als werk van 13 weken?",
            actor=cast.user("rival"),
            once=uuid.uuid4(),
        )
    with when.at(-200):
        calls.answer_question(
            question,
            "Ja, als er een arbeidsovereenkomst is en het loon wordt uitbetaald; de loonstrook is het bewijsstuk.",
            actor=cast.user("government"),
        )
    return call
