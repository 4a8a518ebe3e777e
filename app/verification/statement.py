"""What the statement of a batch says, in each edition: what was verified, how, and the result per effect and
municipality (domain, section 7). It holds counts alone, never a person; who may read which: `Edition`.
"""

import uuid
from typing import NamedTuple

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import case, func, select

from app.core.format import basis_points, day, exact, moment, money, number, percent, second
from app.core.pdf import Document, Section
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.verification.models import Docket, Stratum
from app.verification.sampling import wilson
from app.verification.statement_states import Edition


class Result(NamedTuple):
    """Claims of one effect and municipality in a batch; `unseen` of the verified ones were accepted as claimed."""

    payer_id: uuid.UUID
    effect: str
    payer: str
    verified: int
    unseen: int
    rejected: int


class Verified(NamedTuple):
    """All that the editions of one statement are made of."""

    batch: Batch
    docket: Docket | None
    results: list[Result]
    measurements: list[Measurement]
    second: User | None  # who counter-signed


def verified_in(batch: Batch, second: User | None) -> Verified:
    docket = db.session.scalars(select(Docket).where(Docket.batch_id == batch.id)).unique().first()
    measured = select(Measurement).where(Measurement.batch_id == batch.id)
    measured = measured.order_by(Measurement.achieved_on, Measurement.id)
    return Verified(batch, docket, results_of(batch), list(db.session.scalars(measured).unique()), second)


def results_of(batch: Batch) -> list[Result]:
    """By effect and municipality, in one statement, however large the batch is."""
    rejected = Claim.state == ClaimState.REJECTED
    counts = (~rejected, ~rejected & Claim.accepted_unseen, rejected)
    found = (
        select(Organisation.id, Effect.name, Organisation.name)
        .add_columns(*(func.sum(case((holds, 1), else_=0)) for holds in counts))
        .select_from(Claim)
        .join(Participant, Participant.id == Claim.participant_id)
        .join(Organisation, Organisation.id == Participant.payer_id)
        .join(Effect, Effect.id == Claim.effect_id)
        .where(Claim.batch_id == batch.id)
        .group_by(Effect.id, Effect.name, Effect.position, Organisation.id, Organisation.name)
        .order_by(Effect.position, Organisation.name)
    )
    return [Result(*row) for row in db.session.execute(found)]


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
    sections = [_what(batch), _how(verified)]
    if edition == Edition.FULL and verified.docket is not None:
        sections.append(_samples(verified.docket))
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
    if verified.second is not None:
        told.append((_("Counter-signed by"), verified.second.name))
    return [
        *told,
        (_("Signed on"), moment(batch.created_at)),
        (_("Fingerprint of the list (SHA-256)"), _broken(batch.digest)),
    ]


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


def _how(verified: Verified) -> Section:
    docket = verified.docket
    if docket is None:
        return Section(
            title=_("How it was verified"), paragraphs=[verified.batch.statement, _("Every claim was judged.")]
        )
    told = [(_("Batch"), docket.title), (_("Locked on"), second(docket.created_at))]
    told.append((_("Fingerprint of the list (SHA-256)"), _broken(docket.list_digest)))
    if docket.sampling:
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
    judges = _("two, and a third when they differ") if docket.assessors == 2 else _("one")
    told.append((_("Assessors that judge each claim"), judges))
    rule = (
        _(
            "Claims that were not drawn, of an effect whose sample stayed within tolerance, were accepted as claimed. "
            "Each of them counts with its own effect; nothing was extrapolated."
        )
        if docket.sampling
        else _("Every claim was judged.")
    )
    return Section(title=_("How it was verified"), paragraphs=[verified.batch.statement, rule], facts=told)


def _samples(docket: Docket) -> Section:
    return Section(
        title=_("What the claims show"),
        head=[_("Effect"), _("Claims"), _("Drawn"), _("Faults"), _("Share of faults")],
        rows=[_sample(one) for one in docket.strata],
    )


def _sample(one: Stratum) -> list[str]:
    known = one.is_sampled and one.faults is not None
    faults = one.faults or 0
    low, high = wilson(faults, one.drawn)
    rate = f"{percent(faults / one.drawn, 1)} ({percent(low, 1)}–{percent(high, 1)})" if known else "–"  # type: ignore[arg-type]
    return [one.effect.name, number(one.size), number(one.drawn), number(faults) if known else "–", rate]


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
    counts = {"verified": _("Verified"), "unseen": _("Of which not drawn"), "rejected": _("Rejected")}
    if payer is not None:
        del counts["unseen"]
    told = Section(
        title=_("Result per effect and municipality"),
        head=[_("Effect"), *counts.values()],
        rows=[
            *([f"{one.effect}, {one.payer}", *(number(getattr(one, name)) for name in counts)] for one in rows),
            [_("Total"), *(number(sum(getattr(one, name) for one in rows)) for name in counts)],
        ],
    )
    return [told] * bool(rows) + [_measured(measured)] * bool(measured)


def _measured(measurements: list[Measurement]) -> Section:
    return Section(
        title=_("The measurements"),
        paragraphs=[
            f"{one.effect.name}, {one.payer.name}, {day(one.achieved_on)}: {_value_of(one)} ({_finding_of(one)})"
            for one in measurements
        ],
    )


def _finding_of(one: Measurement) -> str:
    return _("rejected") if one.state == ClaimState.REJECTED else _("verified")


def _value_of(one: Measurement) -> str:
    """In the words of the page of a measurement."""
    kind = one.effect.kind
    if kind in ("steps", "bands"):
        return _("Measured value: %(value)s", value=exact(one.value))
    if kind == "difference":
        return _(
            "Cohort %(cohort)s: %(treatment)s events, against %(control)s in the comparison group",
            cohort=one.cohort,
            treatment=exact(one.treatment),
            control=exact(one.control),
        )
    if kind == "share":
        return _("Cost avoided: %(amount)s", amount=money(one.avoided_minor, one.programme.currency))
    return _("Number of fees: %(number)s", number=number(one.quantity))
