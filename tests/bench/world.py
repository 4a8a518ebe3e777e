"""What the bench measures on: thirty bonds, sixty calls, one of them with a thousand plans sealed and one opened."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from app.calls.models import CommitteeMember, Duty
from app.consortia.states import ConsortiumState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import Part
from app.programmes.states import Phase
from app.proposals.states import ProposalState
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.many import PARAGRAPH, make_consortia, make_notices, make_opened, make_proposals
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme
from tests.factories.proposals import make_plan, make_proposal

EFFECTS = 10
FORMING = 400  # consortia without a plan, one for every plan that is created


@dataclass(frozen=True)
class World:
    """Keys by name, because rows do not outlive the session that laid them."""

    people: dict[str, str]  # role: what its session holds
    calls: int
    proposal: uuid.UUID
    opened_call: uuid.UUID
    evaluation: uuid.UUID
    forming: list[uuid.UUID]


def lay(app: Flask, proposals: int = 1000, bonds: int = 30) -> World:
    with app.app_context():
        parties = {part: make_organisation(OrganisationKind(_kind(part))) for part in Part}
        provider = parties[Part.PROVIDER]
        people = {str(part): make_user(parties[part]) for part in Part}
        people["administrator"] = make_user(is_admin=True)
        people["newcomer"] = make_user(newcomer := make_provider())  # in no bond: leads the consortia without a plan
        call = _lay_bonds(parties, bonds)
        make_proposals(call, proposals - 1)
        own = make_consortium(call, provider, partners=[make_provider() for _ in range(3)])
        plan = make_plan(own, approach=PARAGRAPH * 8, team=PARAGRAPH * 8, planning=PARAGRAPH * 8, risks=PARAGRAPH * 8)
        proposal = make_proposal(own, content=plan, state=ProposalState.DRAFT)
        forming = make_consortia(call, FORMING, ConsortiumState.FORMING, lead=newcomer)
        past = make_call(
            call.programme,
            table=call.table,
            committee=False,
            title="The call that is evaluated",
            deadline=clock.now() - timedelta(hours=1),
            questions_until=clock.now() - timedelta(days=9),
        )
        _name_committee(past, people[str(Part.GOVERNMENT)])
        evaluation = make_opened(past, proposals)
        for user in people.values():
            make_notices(user, 200)
        keys = {role: user.fs_uniquifier for role, user in people.items()}
        return World(keys, 2 * bonds, proposal.id, past.id, evaluation.id, forming)


def _kind(part: Part) -> str:
    return "municipality" if part == Part.GOVERNMENT else part.value


def _lay_bonds(parties: dict[Part, Organisation], bonds: int):
    """Bonds of one municipality in which every party has its part, with two calls each; the first call is returned."""
    first = None
    for n in range(bonds):
        bond = make_programme(parties[Part.GOVERNMENT], title=f"Bond {n:02}", phase=list(Phase)[n % len(Phase)])
        for part, organisation in parties.items():
            if part != Part.GOVERNMENT:
                make_party(bond, part, organisation)
        table = make_table(bond, effects=EFFECTS)
        for title in ("one", "two"):
            call = make_call(bond, table=table, committee=False, title=f"Call {n:02} {title}")
            first = first or call
    return first


def _name_committee(call, official: User) -> None:
    others = [make_user(call.programme.lead) for _ in range(3)]
    call.committee = [CommitteeMember(user=user, duty=Duty.OPENER) for user in (official, others[0])]
    call.committee += [CommitteeMember(user=user, duty=Duty.SCORER) for user in (official, *others[1:])]
    db.session.commit()
