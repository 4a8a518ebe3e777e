"""The words of the pages of verification."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.access.roles import Role
from app.core.format import number
from app.outcomes.queries import reads_settled
from app.outcomes.states import ClaimState
from app.programmes.models import Programme, roles_in
from app.verification.statement_models import PreparedSignature

SIGNS = {
    "falsified": _l("an effect of this participant was reopened: the evidence was falsified"),
    "too_early": _l("achieved earlier than its clock can have run, counted from the start of the participant"),
    "same_document": _l("the same document stands under a claim for another participant"),
    "rejected_before": _l("an earlier claim for this participant was rejected"),
    "before_registered": _l("achieved before this participant was registered: who did may have known what came of it"),
    "after_exit": _l("achieved after the participant left the programme"),
    "odd_issuer": _l("the kind of evidence names another issuer than the one that is filled in"),
    "no_registry": _l("proven by a document, not by a registry"),
    "no_baseline": _l("no baseline was taken: nothing says where the participant stood at the start"),
    "no_document": _l("the agreement says that documents are kept here, and none is kept with this claim"),
    "together": _l("registered within minutes together with at least four others that bear the same dates"),
    "soon": _l("achieved within fourteen days of the start, of an effect that need not last"),
    "baseline_late": _l("the baseline was taken or recorded more than sixty days after the start"),
    "baseline_after": _l("the baseline was recorded or corrected after this effect was claimed"),
}
RISKS = {"high": (_l("high risk"), "bad"), "medium": (_l("some risk"), "warn"), "low": (_l("low risk"), "neutral")}


def said_not_here() -> str:
    """In the place of what the assessor wrote for who reads all figures: it sends nobody to a document that is closed
    to them."""
    return _(
        "What the assessor wrote for the provider is left out here: it may hold a figure that is not for every reader."
    )


def said_why_hidden(programme: Programme, batch_id: uuid.UUID, user: Any) -> str:
    """To who reads more elsewhere than a sign-off tells: why, and where. Empty to everybody else."""
    roles = roles_in(programme.id, user)
    if Role.INTERMEDIARY in roles and reads_settled(programme, batch_id, user):
        return _(
            "You read what was verified since settlements counted it. What was rejected no settlement counts: it stays "
            "hidden."
        )
    if Role.INTERMEDIARY in roles:
        return _(
            "Numbers are hidden to you until a settlement counts them: small ones could point at a person. Where one "
            "settlement takes several sign-offs, its own page tells them together."
        )
    if Role.AUDITOR in roles:
        return _(
            "Numbers are hidden to you here: small ones could point at a person. Once a second person has checked the "
            "settlement, you read there what each municipality pays, and on its invoices how many effects of each kind "
            "are paid for."
        )
    return ""


def said_every_claim() -> str:
    """Where the agreement asks for samples and no effect has more claims than a sample holds."""
    return _(
        "every claim: no effect has more of them than a sample holds, so nothing is drawn; the seed and the "
        "fingerprint of the list are published all the same"
    )


def said_every_one() -> str:
    """Where no claim was accepted unseen: for every reader, so the same whether a claim was set aside or not."""
    return _(
        "Every claim on the list that was signed was judged. One about which a question was not answered in time is on "
        "no list: it can be set aside to a later batch."
    )


def said_rule() -> str:
    """Which claims are read whatever is drawn: for every reader, so without a number (`by_rule`)."""
    return _(
        "every claim of a participant of whom an effect was reopened as falsified, and every claim that an earlier "
        "batch set aside: outside the draw, and in no share of faults"
    )


def said_by_rule(count: int) -> str:
    return ngettext("%(num)d by rule", "%(num)d by rule", count)


def said_set_aside(effect: str, count: int) -> str:
    """Why a finding holds more claims than the result."""
    return ngettext(
        "%(effect)s: %(num)d claim was set aside to a later batch, since a question about it was not answered. It is "
        "in no result; where it was judged or drawn it counts as a fault.",
        "%(effect)s: %(num)d claims were set aside to a later batch, since questions about them were not answered. "
        "They are in no result; where they were judged or drawn they count as faults.",
        count,
        effect=effect,
    )


def said_parts(claims: int, measurements: int) -> str:
    """Of what the total of a sign-off is the sum; the table of a statement holds the claims alone."""
    parts = [
        ngettext("%(num)d claim", "%(num)d claims", claims),
        ngettext("%(num)d measurement", "%(num)d measurements", measurements),
    ]
    return _("Verified: %(claims)s and %(measurements)s.", claims=parts[0], measurements=parts[1])


def said_unseen(count: int | None) -> str:
    """Of the verified claims that somebody signs for: how many nobody judged. Empty where there is none."""
    if not count:
        return ""
    return ngettext(
        "%(num)d of these was not drawn: accepted as claimed within tolerance, judged by nobody",
        "%(num)d of these were not drawn: accepted as claimed within tolerance, judged by nobody",
        count,
    )


def said_signed_for(prepared: PreparedSignature) -> str:
    """What a first signature is for, as it was kept with it."""
    if prepared.verified_count is None:
        return "–"
    unseen, measured = said_unseen(prepared.unseen_count), prepared.measured_count or 0
    parts = [
        f"{ClaimState.VERIFIED.label}: {number(prepared.verified_count)}" + (f" ({unseen})" if unseen else ""),
        f"{ClaimState.REJECTED.label}: {number(prepared.rejected_count)}",
    ]
    if measured:
        parts.append(ngettext("%(num)d measurement", "%(num)d measurements", measured))
    return ", ".join(parts)


def said_upheld_claims(number: int) -> str:
    """Why a result holds more claims than the batch that was judged."""
    return ngettext(
        "%(num)d claim that was upheld on appeal comes beside these; the result counts it.",
        "%(num)d claims that were upheld on appeal come beside these; the result counts them.",
        number,
    )


def said_concluded(concluded: int, deciding: int, decided: int) -> str:
    """How far a docket is: an effect is concluded by an act of its own, when its claims that are to be judged are
    decided."""
    counts = {"concluded": concluded, "all": concluded + deciding + decided}
    said = [_("%(concluded)d of %(all)d effects concluded", **counts)]
    if deciding:
        said.append(
            ngettext("%(num)d still has claims to decide", "%(num)d still have claims to decide", deciding)
        )
    if decided:
        said.append(
            ngettext(
                "of %(num)d nothing is left to decide: it waits to be concluded",
                "of %(num)d nothing is left to decide: they wait to be concluded",
                decided,
            )
        )
    return "; ".join(said) + "."
