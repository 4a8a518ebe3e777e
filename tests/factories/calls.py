from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.calls.asked import CallContact, Lot, default_items
from app.calls.models import Call, CommitteeMember, Criterion, Duty
from app.calls.question_models import Question
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.pricing.models import PriceTable
from app.programmes.models import Programme
from tests.factories.keys import make_keys
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme


def make_call(
    programme: Programme | None = None,
    *,
    table: PriceTable | None = None,
    state: CallState = CallState.PUBLISHED,
    committee: bool = True,
    criteria: list[Criterion] | None = None,
    **facts: Any,
) -> Call:
    """A call that closes in thirty days, two criteria of 60 and 40, three openers with a key and three scorers of the
    lead."""
    programme = programme or make_programme()
    defaults = {
        "title": "Consortium for young adults",
        "description": "Seventy young adults, seven life domains, one plan.",
        "requirements": "Experience with the target group.",
        "questions_until": clock.now() + timedelta(days=15),
        "deadline": clock.now() + timedelta(days=30),
        "standstill_days": 20,
        "answers_days": 10 if programme.jurisdiction == "NL" else 0,
        "published_at": None if state == CallState.DRAFT else clock.now(),
    }
    call = Call(programme=programme, table=table or make_table(programme), **(defaults | facts))
    call.items = default_items()
    call.contacts = [CallContact(position=1, name="Tender desk", address="tenders@city.example")]
    call.criteria = criteria or [
        Criterion(position=1, name="Approach", weight=60, description="How the plan reaches the effects."),
        Criterion(position=2, name="Risks", weight=40, description="What may go wrong and what is done then."),
    ]
    if committee:
        officials = [make_user(programme.lead) for _ in range(3)]
        call.committee = [CommitteeMember(user_id=user.id, duty=Duty.OPENER) for user in officials]
        call.committee += [CommitteeMember(user_id=user.id, duty=Duty.SCORER) for user in officials]
    db.session.add(call)
    db.session.flush()  # as a draft: what a published call asks stands
    db.session.execute(update(Call).where(Call.id == call.id).values(state=state))
    db.session.refresh(call)
    make_keys(call)
    return call


def make_provider(name: str = "", **facts: Any) -> Organisation:
    return make_organisation(OrganisationKind.PROVIDER, name, **facts)


def make_question(call: Call, asker: User, text: str = "May partners join later?", **facts: Any) -> Question:
    question = Question(
        call=call, text=text, asked_by_id=asker.id, organisation_id=asker.memberships[0].organisation_id, **facts
    )
    db.session.add(question)
    db.session.commit()
    return question


def make_lots(count: int = 2, **facts: Any) -> Call:
    """An open call in `count` lots; they are laid while it is a draft, as the database demands."""
    call = make_call(state=CallState.DRAFT)
    call.lots = [Lot(position=n, name=f"Lot {n}", cohort_size=10, **facts) for n in range(1, count + 1)]
    db.session.commit()
    call.state, call.published_at = CallState.PUBLISHED, clock.now()
    db.session.commit()
    return call
