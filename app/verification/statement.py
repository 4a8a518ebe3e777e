"""What the statement of a batch says, in each edition: what was verified, how, and the result per effect and
municipality (domain, section 7). It holds counts alone, never a person; who may read which: `Edition`.
"""

import uuid
from collections import Counter
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import case, func, select

from app.core.format import basis_points, moment, number, percent, second
from app.core.pdf import Document, Section
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.verification.by_rule import read_by_rule
from app.verification.method import method_of
from app.verification.models import Docket, Stratum
from app.verification.sampling import wilson
from app.verification.setting_aside import told_set_aside
from app.verification.statement_measured import measured_sections
from app.verification.statement_models import PreparedSignature
from app.verification.statement_states import Edition
from app.verification.upheld import Upheld, decided_elsewhere, said_upheld, upheld_in, who_also_signs
from app.verification.words import (
    said_every_claim,
    said_every_one,
    said_not_here,
    said_parts,
    said_rule,
    said_upheld_claims,
)


class Result(NamedTuple):
    """Claims of one effect and municipality in a batch; `unseen` of the verified ones were accepted as claimed, and
    `upheld` of them stand by an appeal."""

    payer_id: uuid.UUID
    effect: str
    payer: str
    verified: int
    unseen: int
    rejected: int
    upheld: int


class Verified(NamedTuple):
    """All that the editions of one statement are made of."""

    batch: Batch
    docket: Docket | None
    results: list[Result]
    measurements: list[Measurement]
    second: User | None  # who counter-signed
    upheld: list[Upheld]  # what an appeal proved


def verified_in(batch: Batch, second: User | None) -> Verified:
    docket = db.session.scalars(select(Docket).where(Docket.batch_id == batch.id)).unique().first()
    measured = select(Measurement).where(Measurement.batch_id == batch.id)
    measured = measured.order_by(Measurement.achieved_on, Measurement.id)
    measurements, upheld = list(db.session.scalars(measured).unique()), upheld_in(batch)
    return Verified(batch, docket, results_of(batch, upheld), measurements, second, upheld)


def results_of(batch: Batch, upheld: list[Upheld]) -> list[Result]:
    """By effect and municipality, in one statement, however large the batch is."""
    on_appeal = Counter((one.effect_id, one.payer_id) for one in upheld if one.is_claim)
    rejected = Claim.state == ClaimState.REJECTED
    counts = (~rejected, ~rejected & Claim.accepted_unseen, rejected)
    found = (
        select(Organisation.id, Effect.name, Organisation.name)
        .add_columns(*(func.sum(case((holds, 1), else_=0)) for holds in counts), Effect.id)
        .select_from(Claim)
        .join(Participant, Participant.id == Claim.participant_id)
        .join(Organisation, Organisation.id == Participant.payer_id)
        .join(Effect, Effect.id == Claim.effect_id)
        .where(Claim.batch_id == batch.id)
        .group_by(Effect.id, Effect.name, Effect.position, Organisation.id, Organisation.name)
        .order_by(Effect.position, Organisation.name)
    )
    rows: Any = db.session.execute(found)
    return [Result._make([*row[:-1], on_appeal[row[-1], row[0]]]) for row in rows]


def payers_of(verified: Verified) -> list[Organisation]:
    """The municipalities whose residents or measurements stand in the batch."""
    found = {one.payer_id for one in verified.results} | {one.payer_id for one in verified.measurements}
    named = select(Organisation).where(Organisation.id.in_(found)).order_by(Organisation.name)
    return list(db.session.scalars(named))


def document_of(verified: Verified, edition: Edition, payer: Organisation | None, code: str) -> Document:
    """In the language in force."""
    batch = verified.batch
    address = check_address()
    told = [*_signed(verified), (_("Edition"), str(edition.label) if payer is None else payer.name)]
    told += [(_("Code"), code), (_("To verify this document"), f"{address}?code={code}")]
    sections = [_what(batch), _how(verified, edition)]
    if edition == Edition.FULL and verified.docket is not None:
        sections.append(_samples(verified))
    if edition == Edition.PLAIN:
        sections.append(Section(title=_("Result per effect and municipality"), paragraphs=[_withheld()]))
    else:
        sections += _results(verified, payer)
    return Document(
        title=_("Statement of sign-off %(number)d", number=batch.number),
        author=batch.organisation.name,
        eyebrow=batch.programme.title,
        facts=told,
        sections=sections,
        foot=f"Bewezen · {code} · {address}",
        keywords=[code],
    )


def check_address() -> str:
    return f"{current_app.config['BASE_URL']}/verify-statement"


def _signed(verified: Verified) -> list[tuple[str, str]]:
    batch = verified.batch
    told = [(_("Assessor"), batch.organisation.name), (_("Signed by"), batch.signed_by.name)]
    told.append((_("Signed on"), moment(_first_signed(verified))))
    if verified.second is not None:
        told += [(_("Counter-signed by"), verified.second.name), (_("Counter-signed on"), moment(batch.created_at))]
    return [*told, (_("Fingerprint of the list (SHA-256)"), _broken(batch.digest))]


def _first_signed(verified: Verified) -> datetime:
    """When the person who signs alone, or first, signed. A batch comes into being with the last signature."""
    batch = verified.batch
    if verified.second is None:
        return batch.created_at
    first = select(func.max(PreparedSignature.created_at)).filter_by(
        programme_id=batch.programme_id, signed_by_id=batch.signed_by_id, digest=batch.digest
    )
    return db.session.scalar(first) or batch.created_at


def _broken(digest: str) -> str:
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def _what(batch: Batch) -> Section:
    said = _(
        "%(assessor)s verified the effects that service providers claimed in this bond, and signed for the list with "
        "this fingerprint.",
        assessor=batch.organisation.name,
    )
    seal = _(
        "The seal on this file is that of the portal, not the legal signature of the assessor. It proves that the "
        "portal issued this file and that nothing in it changed since."
    )
    return Section(title=_("What was verified"), paragraphs=[said, seal])


def _how(verified: Verified, edition: Edition) -> Section:
    docket, batch = verified.docket, verified.batch
    words = [one for one in (batch.method, *_words_for(batch, edition), *_rule(verified, edition)) if one]
    known = method_of(batch, docket, verified.second, exact=edition == Edition.FULL)
    if docket is None:
        return Section(title=_("How it was verified"), paragraphs=words, facts=known)
    told = [(_("Batch"), docket.title), (_("Locked on"), second(docket.created_at))]
    told.append((_("Fingerprint of the list (SHA-256)"), _broken(docket.list_digest)))
    if docket.sampling and not docket.draws_some:
        told += [
            (_("What is judged"), said_every_claim()),
            (_("Seed published on"), second(docket.drawn_at)),
            (_("Seed"), _broken(docket.seed)),
        ]
    elif docket.sampling:
        size = _(
            "at least %(least)s claims and %(share)s of them",
            least=number(docket.least),
            share=basis_points(docket.share_bp),
        )
        told += [
            (_("Drawn on"), second(docket.drawn_at)),
            (_("Seed"), _broken(docket.seed)),
            (_("Size of a sample"), size),
            (_("Faults tolerated in a sample"), basis_points(docket.tolerance_bp)),
        ]
        if docket.reads_by_rule:
            told.append((_("Read beside the sample"), said_rule()))
    return Section(title=_("How it was verified"), paragraphs=words, facts=[*told, *known])


def _words_for(batch: Batch, edition: Edition) -> list[str]:
    """What the assessor wrote for who reads all figures may hold a number, which another edition withholds."""
    return [batch.statement if edition == Edition.FULL else said_not_here()]


def _rule(verified: Verified, edition: Edition) -> list[str]:
    """Who decided about a claim. That an appeal was upheld may be a small number: each edition says always who decides
    one, and only the one of all figures that some stand by it."""
    judged = _accepted() if verified.docket is not None and verified.docket.draws_some else said_every_one()
    stands = edition == Edition.FULL and any(one.is_claim for one in verified.upheld)
    if stands and judged != _accepted():
        judged = _("Every claim on the list was judged, but for those that stand by an upheld appeal.")
    return [judged, decided_elsewhere(verified.batch.organisation)]


def _accepted() -> str:
    return _(
        "Claims that were not drawn, of an effect whose sample stayed within tolerance, were accepted as claimed. "
        "Each of them counts with its own effect; nothing was extrapolated."
    )


def _samples(verified: Verified) -> Section:
    docket: Docket = verified.docket  # type: ignore[assignment]
    beside = sum(one.upheld for one in verified.results)
    return Section(
        title=_("What the claims show"),
        paragraphs=[said_upheld_claims(beside)] * bool(beside) + _by_rule(docket) + told_set_aside(docket),
        head=[_("Effect"), _("Claims"), _("Drawn"), _("Faults"), _("Share of faults"), _("Finding")],
        rows=[_sample(one) for one in docket.strata],
    )


def _by_rule(docket: Docket) -> list[str]:
    """How many claims were read outside the draw, per effect; for who reads all figures."""
    found = read_by_rule(docket) if docket.reads_by_rule else {}
    named = [(one.effect.name, found[one.effect_id]) for one in docket.strata if found.get(one.effect_id)]
    return [
        ngettext(
            "%(effect)s: %(num)d claim was read by rule, beside the sample. It is in no share of faults.",
            "%(effect)s: %(num)d claims were read by rule, beside the sample. They are in no share of faults.",
            count,
            effect=effect,
        )
        for effect, count in named
    ]


def _sample(one: Stratum) -> list[str]:
    """What the claims of one effect showed. An interval says how sure a sample is; where every claim was judged there
    is nothing to be unsure of."""
    drawn = number(one.drawn) if one.is_sampled else "–"
    counted = [number(one.size), drawn, number(one.faults) if one.faults is not None else "–"]
    return [one.effect.name, *counted, _rate(one), str(one.finding.label)]


def _rate(one: Stratum) -> str:
    if one.faults is None or not one.drawn:
        return "–"
    told = percent(Fraction(one.faults, one.drawn), 1)
    if not one.is_sampled:
        return told
    low, high = wilson(one.faults, one.drawn)
    return f"{told} ({percent(low, 1)}–{percent(high, 1)})"  # type: ignore[arg-type]


def _withheld() -> str:
    return _(
        "This edition tells no numbers, since small ones could point at a person. Each party reads those that it may "
        "know on the page of this sign-off."
    )


def _results(verified: Verified, payer: Organisation | None) -> list[Section]:
    """Those of every municipality, or of `payer` alone. How many of its claims were not drawn a municipality does not
    read: that tells what the sample of the effect showed, which may give away a number of 1 to 4."""
    rows = [one for one in verified.results if payer is None or one.payer_id == payer.id]
    measured = [one for one in verified.measurements if payer is None or one.payer_id == payer.id]
    upheld = [one for one in verified.upheld if payer is None or one.payer_id == payer.id]
    counts = {"verified": _("Verified"), "unseen": _("Of which not drawn"), "upheld": _("Of which upheld on appeal")}
    counts["rejected"] = _("Rejected")
    if payer is not None:
        del counts["unseen"]
    if not any(one.is_claim for one in upheld):
        del counts["upheld"]
    proven = sum(one.state != ClaimState.REJECTED for one in measured)
    told = Section(
        title=_("Result per effect and municipality"),
        paragraphs=[said_parts(sum(one.verified for one in rows), proven)] * bool(measured),
        head=[_("Effect"), *counts.values()],
        rows=[
            *([f"{one.effect}, {one.payer}", *(number(getattr(one, name)) for name in counts)] for one in rows),
            [_("Total"), *(number(sum(getattr(one, name) for one in rows)) for name in counts)],
        ],
    )
    on_appeal = _on_appeal(verified, upheld)
    return [told] * bool(rows) + [on_appeal] * bool(upheld) + measured_sections(measured)


def _on_appeal(verified: Verified, upheld: list[Upheld]) -> Section:
    """The statement names who decided on appeal, also where that person signs: else one word looks like two."""
    own = who_also_signs(upheld, (verified.batch.signed_by, verified.second))
    return Section(
        title=_("Upheld on appeal"),
        paragraphs=[own] if own else [],
        head=[_("Effect"), _("Number"), _("Decided by"), _("Decided on")],
        rows=[[about, number(count), by, on] for about, count, by, on in said_upheld(upheld)],
    )
