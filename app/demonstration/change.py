"""After the signature: who signs for whom, an amendment that everybody signed, one that waits, and an end
that was declared and taken back."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.agreements import amendment_operations as amendments
from app.agreements import termination_operations as terminations
from app.agreements.amending import Change, rules_in
from app.agreements.authority_models import How, SignedKind, SigningAuthority
from app.agreements.authority_operations import AuthorityFacts, record_authority, revoke_authority
from app.agreements.ending_models import ending_of
from app.agreements.intake_clause import clause_of
from app.agreements.models import Agreement
from app.agreements.providing import consortia_of
from app.agreements.termination_operations import EndFacts
from app.agreements.termination_states import Ground
from app.core import clock
from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline

ALONE, JOINTLY = How.ALONE, How.JOINTLY
# Person (first part of the address), organisation, how, where it stands.
SIGNATORIES = (
    ("government", "enschede", ALONE, "Mandaatregister Enschede 2025, nr. 14"),
    ("official2", "enschede", ALONE, "Mandaatregister Enschede 2025, nr. 15"),
    ("hengelo", "hengelo", ALONE, "Mandaatregister Hengelo 2025, nr. 7"),
    ("investor", "fund", ALONE, "Handelsregister: bestuurder, alleen bevoegd"),
    ("investor2", "bank", ALONE, "Volmacht van het bestuur, 12 maart 2025"),
    ("provider", "bridge", ALONE, "Handelsregister: bestuurder, alleen bevoegd"),
    ("partner", "home", ALONE, "Handelsregister: bestuurder, alleen bevoegd"),
    ("intermediary", "desk", ALONE, "Statuten, artikel 9; besluit van de raad van toezicht"),
    ("assessor", "assessors", JOINTLY, "Handelsregister: gezamenlijk bevoegd"),
    ("assessor2", "assessors", JOINTLY, "Handelsregister: gezamenlijk bevoegd"),
)
UNTIL = ("scorer3", "hengelo", "Vervanging tijdens verlof, mandaatregister Hengelo 2025, nr. 9")
REVOKED = ("scorer1", "enschede", "Mandaatregister Enschede 2025, nr. 16")
MEETING = "De partijen overleggen elk kwartaal over instroom en effecten en leggen vast wie wat wanneer doet."
WHY_MEET = "In het eerste half jaar bleef de instroom achter; de partijen willen daar eerder samen over spreken."
WHY_WAIT = "Wie in december instroomt, bereikt het effect pas later: de opzegtermijn wordt langer."
WHY_END = "De instroom blijft achter bij het plan. Ingetrokken toen de partijen een kwartaaloverleg afspraken."


def record_signatories(cast: Cast, offset: int, when: Timeline) -> None:
    """Who signs alone and who with a colleague; one for a time, one revoked."""
    with when.at(offset):
        for name, place, how, proof in SIGNATORIES:
            _record(name, place, how, proof, cast)
        name, place, proof = UNTIL
        _record(name, place, ALONE, proof, cast, until_on=when.day(offset + 60))
        name, place, proof = REVOKED
        revoked = _record(name, place, ALONE, proof, cast)
    with when.at(offset + 3):
        revoke_authority(revoked, actor=cast.user("official2"))


def _record(name: str, place: str, how: How, proof: str, cast: Cast, until_on: date | None = None) -> SigningAuthority:
    organisation, person = cast.organisation(place), cast.user(name)
    facts = AuthorityFacts(tuple(SignedKind), how, proof, clock.today(), until_on)
    return record_authority(organisation, person, facts, actor=person, once=uuid.uuid4())


def change_agreement(agreement: Agreement, signing: tuple[str, ...], cast: Cast, when: Timeline) -> None:
    """Terms that others count on (payment, volumes, intake) stay as they were."""
    days = (when.today - when.start).days
    with when.at(days - 6, 15):
        last_day = clock.today() + timedelta(days=120)
        facts = EndFacts(Ground.NOTICE, WHY_END, last_day)
        ended = terminations.declare_end(agreement, facts, actor=cast.user("intermediary"), once=uuid.uuid4())
    with when.at(days - 5, 11):
        terminations.withdraw_end(ended, actor=cast.user("intermediary"))
        said = _as_it_is(agreement)
        change = replace(said, text=f"{said.text}\n\n{MEETING}")
        who: dict[str, Any] = {"actor": cast.user("intermediary"), "once": uuid.uuid4()}
        amendment = amendments.propose_amendment(agreement, change, WHY_MEET, **who)
    for number, name in enumerate(signing):
        with when.at(days - 5, 12, number):
            person = cast.user(name)
            amendments.consent_to_amendment(amendment, person.organisations[0], amendment.digest, actor=person)
    with when.at(days - 2, 9):
        change = replace(_as_it_is(agreement), ending=replace(ending_of(agreement.terms), notice_days=180))
        who = {"actor": cast.user("government"), "once": uuid.uuid4()}
        waits = amendments.propose_amendment(agreement, change, WHY_WAIT, **who)
        for first in (cast.user("government"), cast.user("assessor")):  # the assessor signs with a second
            amendments.consent_to_amendment(waits, first.organisations[0], waits.digest, actor=first)


def _as_it_is(agreement: Agreement) -> Change:
    terms = agreement.terms
    return Change(
        text=agreement.text,
        payment_days=terms["payment"]["days"],
        files_kept_days=terms["evidence"]["kept_days"],
        ending=ending_of(terms),
        volumes={one["id"]: dict(one["volumes"]) for one in consortia_of(terms)},
        verification=rules_in(terms),
        intake=clause_of(agreement),
    )
