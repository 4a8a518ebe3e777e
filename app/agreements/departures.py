"""A party that goes and one that comes: at once on paper, and with the last day in what they may do."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select, update

from app.access.actions import Action
from app.access.record import record
from app.agreements.amendment_models import Amendment
from app.agreements.models import Agreement, AgreementParty
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Party
from app.programmes.operations import expect_independence

# What a party works on stands above agreements and is not imported; the tables are written by name.
WORK = ("participant", "milestone")  # of a service provider
ANSWERED_FOR = {"progress_milestone": ("open",), "corrective_action": ("proposed", "agreed")}  # of any party


def come_and_go(amendment: Amendment) -> None:
    """Who comes is a party from now on, so that both can hand over; who goes is one until its last day."""
    agreement, leaving, joining = amendment.agreement, amendment.leaving, amendment.joining
    going = next(one for one in agreement.standing if one.organisation is leaving)
    going.left_on, going.successor = amendment.last_day, joining
    consent = next((one for one in amendment.consents if one.organisation_id == amendment.joining_id), None)
    if consent is not None and all(one.organisation_id != amendment.joining_id for one in agreement.standing):
        signed = {"signed_at": consent.signed_at, "signed_by": consent.signed_by, "digest": consent.digest}
        agreement.parties.append(AgreementParty(organisation=joining, part=going.part, **signed))
        expect_independence(agreement.programme, consent.organisation, going.part)  # people may have moved meanwhile
        agreement.programme.parties.append(Party(organisation=joining, part=going.part))


def going_on(agreement: Agreement, organisation_id: uuid.UUID) -> list[uuid.UUID]:
    """The organisation and, where it leaves, whoever takes over: its work is theirs in the terms already."""
    found = [one for one in agreement.parties if one.organisation_id == organisation_id]
    return [organisation_id, *(one.successor_id for one in found if one.successor_id is not None)]


def gone() -> Select[uuid.UUID]:
    """Ids of parties whose last day is over while they still have their part in the bond."""
    return (
        select(AgreementParty.id)
        .join(Agreement)
        .join(
            Party,
            (Party.programme_id == Agreement.programme_id) & (Party.organisation_id == AgreementParty.organisation_id),
        )
        .where(AgreementParty.left_on < clock.today())
    )


def passing_on(programme_id: uuid.UUID) -> list[AgreementParty]:
    """Service providers that leave and still have their people: until their last day those stay with them."""
    found = select(AgreementParty).join(Agreement).where(Agreement.programme_id == programme_id)
    inside = (Party.programme_id == programme_id) & (Party.organisation_id == AgreementParty.organisation_id)
    found = found.where(AgreementParty.part == Part.PROVIDER, AgreementParty.left_on.is_not(None))
    return list(db.session.scalars(found.where(select(Party.id).where(inside).exists())).unique())


@operation
def end_part(party_id: uuid.UUID) -> int:
    """The last day is over: the party may do nothing any more, and its successor goes on with its work.

    What it registered stays, counts and is settled as if it had stayed. Done by the portal itself.
    """
    if db.session.scalar(gone().where(AgreementParty.id == party_id)) is None:
        return 0  # another worker was first
    left = db.session.get_one(AgreementParty, party_id)
    programme = left.agreement.programme
    for part in [one for one in programme.parties if one.organisation_id == left.organisation_id]:
        programme.parties.remove(part)
    if left.successor is not None:
        _answer_for(programme.id, left.organisation, left.successor)
    moved = dict(_hand_over(programme.id, left.organisation, left.successor)) if left.part == Part.PROVIDER else {}
    facts: dict[str, Any] = {"organisation": left.organisation.name, "part": left.part, "last_day": left.left_on}
    record(Action.PARTY_LEAVE, left.agreement, None, **facts, handed_over=moved.get("participant", 0))
    return 1


def _answer_for(programme_id: uuid.UUID, before: Organisation, after: Organisation) -> None:
    """What the party still had to reach or to do, the successor answers for."""
    for name, states in ANSWERED_FOR.items():
        row = db.metadata.tables[name].c
        own = (row.programme_id == programme_id) & (row.owner_id == before.id) & row.state.in_(states)
        changed = {"owner_id": after.id, "version": row.version + 1}
        db.session.execute(update(db.metadata.tables[name]).where(own).values(**changed))


def _hand_over(programme_id: uuid.UUID, before: Organisation, after: Organisation | None) -> Iterator[tuple[str, int]]:
    for name in WORK if after is not None else ():
        work = db.metadata.tables[name]
        own = (work.c.programme_id == programme_id) & (work.c.provider_id == before.id)
        version = {"version": work.c.version + 1} if "version" in work.c else {}
        moved = db.session.execute(update(work).where(own).values(provider_id=after.id, **version))  # type: ignore[union-attr]
        yield name, moved.rowcount  # type: ignore[attr-defined]
    if after is not None:
        _hand_over_lines(programme_id, before, after)
    db.session.expire_all()


def _hand_over_lines(programme_id: uuid.UUID, before: Organisation, after: Organisation) -> None:
    """What was settled for these people is read by who helps them."""
    line, settlement = (db.metadata.tables[name] for name in ("settlement_line", "settlement"))
    of_bond = select(settlement.c.id).where(settlement.c.programme_id == programme_id)
    own = line.c.settlement_id.in_(of_bond) & (line.c.provider_id == before.id)
    db.session.execute(update(line).where(own).values(provider_id=after.id))
