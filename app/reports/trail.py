"""The trail of one bond as the auditor reads it: what was done, by whom, on whose behalf, when."""

import csv
import io
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.access.actions import Action
from app.audit.models import AuditEntry, AuditFacts
from app.calls.models import Call
from app.consortia.models import Consortium
from app.core import clock
from app.extensions import Model, db
from app.people.models import Membership, Organisation, User
from app.programmes.models import Programme
from app.proposals.models import Proposal

# What an act is on, the first half of its code.
NOUNS: dict[str, Any] = {
    "account": _l("accounts"),
    "agreement": _l("the agreement"),
    "amendment": _l("amendments of the agreement"),
    "appeal": _l("appeals"),
    "assignment": _l("transfers of commitments"),
    "authority": _l("signing authorities"),
    "award": _l("the award"),
    "bank": _l("bank and books"),
    "bank_account": _l("the bank account"),
    "bank_entry": _l("lines of the bank"),
    "bank_statement": _l("statements of the bank"),
    "baseline": _l("baselines"),
    "batch": _l("sign-offs"),
    "books": _l("the check of the books"),
    "board": _l("the board for partners"),
    "call": _l("the call"),
    "capital_call": _l("capital calls"),
    "caseload": _l("caseloads"),
    "case_owner": _l("who follows residents"),
    "cash_line": _l("lines of the cash plan"),
    "cash_plan": _l("the cash plan"),
    "charge": _l("costs of the bank"),
    "claim": _l("claims"),
    "closing": _l("the close of the bond"),
    "clock": _l("clocks of effects"),
    "commitment": _l("commitments"),
    "conflict": _l("conflicts of interest"),
    "consensus": _l("agreed scores"),
    "consortium": _l("consortia"),
    "conversation": _l("messages between service providers"),
    "corrective": _l("corrective actions"),
    "cost": _l("running costs"),
    "credit": _l("what is owed back"),
    "default": _l("investors in default"),
    "delivery": _l("delivery"),
    "direct": _l("service providers named without a tender"),
    "discounts": _l("the second envelopes"),
    "dispute": _l("disputes"),
    "distribution": _l("distributions"),
    "docket": _l("batches of claims"),
    "doubt": _l("doubts about what was signed off"),
    "drift": _l("how rejections move"),
    "enquiry": _l("questions to one bidder"),
    "evaluation": _l("the evaluation"),
    "evidence": _l("documents of evidence"),
    "extension": _l("more time after an outage"),
    "facts": _l("facts that were deleted when their term ended"),
    "figures": _l("the figures that everybody may read"),
    "guarantee": _l("the guarantee"),
    "holding": _l("holdings"),
    "intake": _l("the intake"),
    "interest": _l("interest of investors"),
    "invitation": _l("invitations"),
    "invoice": _l("invoices"),
    "key": _l("the key of codes and names"),
    "ledger": _l("the books of the bond"),
    "letter": _l("award letters"),
    "measurement": _l("measurements"),
    "meeting": _l("consensus meetings"),
    "member": _l("members of an organisation"),
    "milestone": _l("milestones"),
    "nota": _l("answers to tenderers"),
    "notice": _l("notices"),
    "objection": _l("objections"),
    "opened": _l("opened plans"),
    "opener": _l("officials who open"),
    "opening_key": _l("opening keys"),
    "organisation": _l("organisations"),
    "other_receipt": _l("money that nobody asked for"),
    "participant": _l("participants"),
    "party": _l("parties that left"),
    "payment": _l("payments"),
    "payment_batch": _l("payment batches"),
    "payout_account": _l("accounts that are paid to"),
    "price": _l("low prices"),
    "profile": _l("profiles of service providers"),
    "programme": _l("the bond"),
    "progress": _l("progress"),
    "proof": _l("proof of the winner"),
    "proposal": _l("plans"),
    "proposals": _l("the opening of plans"),
    "quality": _l("quality scores"),
    "question": _l("questions"),
    "reader_test": _l("two-reader tests"),
    "referral": _l("referrals"),
    "remittance": _l("VAT, what is owed back and what is left"),
    "repair": _l("repair of plans"),
    "results": _l("results"),
    "return": _l("payments that came back"),
    "reopening": _l("what is reopened"),
    "round": _l("the investor round"),
    "scenario": _l("scenarios"),
    "score": _l("scores"),
    "scorer": _l("scorers"),
    "scores": _l("scores side by side"),
    "screening": _l("screening of plans"),
    "settlement": _l("settlements"),
    "shortfall": _l("shortfalls of intake"),
    "statement": _l("statements of municipalities"),
    "table": _l("price tables"),
    "take_back": _l("receipts that were taken back"),
    "termination": _l("ends of the agreement before its time"),
    "tie": _l("lots drawn between plans"),
    "trail": _l("the trail"),
    "transfer": _l("transfers"),
    "treasury": _l("the treasury"),
    "unit_cost": _l("the register of unit costs"),
    "view": _l("views of participants and those around them"),
    "warning": _l("early warnings"),
    "winner": _l("the winner"),
}
LABELS = {str(action): action.label for action in Action}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# All that an entry about one person tells: who reads the trail reads no rows. No day, number, reason or fingerprint,
# for whoever holds a list of those would know the person. A fact with another name is held back until it stands here.
TOLD_OF_PEOPLE = frozenset({"effect", "municipality", "before", "after", "chain", "outcome"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail is asked for; an empty one asks for everything. `wrong`: a day that is none."""

    group: str = ""
    party: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    wrong: str = ""


def asked_for(given: Mapping[str, str]) -> Asked:
    """Read the address; a noun or a party that does not exist asks for nothing."""
    days: dict[str, date] = {}
    wrong = ""
    for name in ("since", "until"):
        typed = given.get(name, "").strip()[:20]
        try:
            days |= {name: date.fromisoformat(typed)} if typed else {}
        except ValueError:
            wrong = wrong or typed
    try:
        party = uuid.UUID(given["party"]) if given.get("party") else None
    except ValueError:
        party = None
    group = given.get("group", "")
    since, until = days.get("since"), days.get("until")
    return Asked(group if group in NOUNS else "", party, since, until, wrong)


def trail_of(programme: Programme, asked: Asked) -> Select[Any]:
    """The trail of one bond, newest first: entry, who, what it said."""
    found = (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.subject_type,
            AuditEntry.hash,
            User.name.label("actor"),
            AuditFacts.body,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(*_readable(programme))
        .order_by(AuditEntry.seq.desc())
    )
    if asked.group:
        found = found.where(AuditEntry.action.startswith(f"{asked.group}.", autoescape=True))
    if asked.party:
        people = select(Membership.user_id).where(Membership.organisation_id == asked.party)
        found = found.where(AuditEntry.actor_id.in_(people))
    if asked.since:
        found = found.where(AuditEntry.at >= clock.local(asked.since))
    if asked.until and asked.until < date.max:
        found = found.where(AuditEntry.at < clock.local(asked.until + timedelta(days=1)))
    return found


def _readable(programme: Programme) -> list[Any]:
    """Entries of this bond; who bids stays out of it until the deadline (art. 2.108 Aw)."""
    open_calls = select(Call.id).where(Call.programme_id == programme.id, Call.deadline > clock.now())
    bidders = select(Consortium.id).where(Consortium.call_id.in_(open_calls))
    plans = select(Proposal.id).where(Proposal.call_id.in_(open_calls))
    return [
        AuditEntry.programme_id == programme.id,
        AuditEntry.subject_id.not_in(bidders),
        AuditEntry.subject_id.not_in(plans),
    ]


def actors_in(programme: Programme) -> list[Any]:
    """The organisations whose people stand in the trail, by name."""
    acted = select(AuditEntry.actor_id).where(*_readable(programme))
    people = select(Membership.organisation_id).where(Membership.user_id.in_(acted))
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_(people)).order_by(Organisation.name)
    return list(db.session.execute(found))


def facts_of(entry: Any) -> dict[str, Any]:
    """What an entry of `trail_of` said, as the auditor may read it (GDPR, art. 5(1)(c)). What is kept stays whole, and
    so does the hash that covers it."""
    body = entry.body or {}
    if entry.subject_type not in about_people():
        return dict(body)
    return {name: value for name, value in body.items() if name in TOLD_OF_PEOPLE}


@cache
def about_people() -> frozenset[str]:
    """Everything whose table leads to a participant or a referral, so that what is added later is guarded too."""
    kinds = {kind.local_table: kind.class_.__name__ for kind in Model.registry.mappers}
    found = {table for table, name in kinds.items() if name in ("Participant", "Referral")}
    while more := {table for table in kinds if _points_at(table, found)} - found:
        found |= more
    return frozenset(kinds[table] for table in found)


def _points_at(table: Any, found: set[Any]) -> bool:
    return any(key.column.table in found for key in table.foreign_keys)


def as_csv(rows: Any) -> Iterator[str]:
    """One line per entry, as it is read from the database. What a spreadsheet would take for a formula gets an
    apostrophe in front; times are UTC."""
    yield _line(["entry", "at", "actor", "action", "meaning", "subject", "facts", "hash"])
    for row in rows:
        said = facts_of(row)
        facts = json.dumps(said, ensure_ascii=False, sort_keys=True) if said else ""
        meaning = str(LABELS.get(row.action, ""))
        at = row.at.isoformat(timespec="seconds")
        yield _line([row.seq, at, row.actor or "", row.action, meaning, row.subject_type, facts, row.hash])


def _line(values: list[Any]) -> str:
    written = io.StringIO()
    safe = [f"'{one}" if isinstance(one, str) and one.startswith(FORMULA) else one for one in values]
    csv.writer(written, lineterminator="\r\n").writerow(safe)
    return written.getvalue()
