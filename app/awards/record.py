"""The award record: what a government writes down of a tender, in fourteen items.

Art. 84(1) of Directive 2014/24/EU names them; art. 2.132 Aw takes them over and adds what was left out of the answers
(art. 2.53 Aw). An item about which there is nothing to say says so: an empty one would look forgotten.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.awards.models import Suspension
from app.calls.legal import Key
from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.core.format import day, money
from app.core.pdf import Document, Section
from app.evaluation.conflict_models import ConflictFinding
from app.evaluation.consensus_operations import standing_meeting
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.notices import points
from app.evaluation.queries import unopened
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import Admission, EnquiryKind
from app.extensions import db


def kept_until(evaluation: Evaluation) -> date | None:
    """The day until which nothing of the file may be deleted (art. 2.132 Aw: three years); none while the call is
    not at its end."""
    end = ended_at(evaluation)
    if end is None:
        return None
    day = clock.day_of(end)
    until = day.year + (evaluation.call.rule(Key.FILE).value or 0)
    try:
        return day.replace(year=until)
    except ValueError:  # 29 February
        return date(until, 3, 1)


def ended_at(evaluation: Evaluation) -> datetime | None:
    """When the award became final, or the call was cancelled; none before."""
    call = evaluation.call
    return call.cancelled_at if call.state == CallState.CANCELLED else evaluation.finalised_at


def record_of(evaluation: Evaluation) -> Document:
    """The record as it stands now; final once the award is."""
    call = evaluation.call
    plans = sorted(evaluation.opened, key=_by_lot_and_place)
    winners = sorted(evaluation.winners(), key=_by_lot_and_place) if evaluation.decided_at else []
    return Document(
        title=_("Award record"),
        author=call.programme.lead.name,
        eyebrow=call.programme.title,
        foot=_("Award record of %(call)s", call=call.title),
        facts=[
            (_("Call"), call.title),
            (_("Reference"), evaluation.reference or "–"),
            (_("Published"), day(call.published_at) if call.published_at else "–"),
            (_("Deadline for plans"), day(call.deadline)),
            (_("Decision sent"), day(evaluation.decided_at) if evaluation.decided_at else "–"),
            (_("Final"), day(evaluation.finalised_at) if evaluation.finalised_at else _("not yet")),
        ],
        sections=[
            Section(title=f"{number}. {title}", **said)  # type: ignore[arg-type]
            for number, (title, said) in enumerate(_items(evaluation, plans, winners), start=1)
        ]
        + _what_followed(evaluation),
    )


def _by_lot_and_place(plan: OpenedProposal) -> tuple[int, bool, int, str]:
    lot = plan.consortium.lot
    return lot.position if lot is not None else 0, plan.rank is None, plan.rank or 0, plan.consortium.name


def _what_followed(evaluation: Evaluation) -> list[Section]:
    """Beside the fourteen items: repairs that were asked, objections, and what the award waited for."""
    rows: list[tuple[str, str]] = []
    for enquiry in _enquiries(evaluation, EnquiryKind.REPAIR):
        rows.append((_("One-time repair: %(bidder)s", bidder=enquiry.opened.consortium.name), enquiry.question))
    for objection in evaluation.objections:
        outcome = _("not decided")
        if objection.decided_at is not None:
            outcome = {True: _("upheld"), False: _("not upheld"), None: _("lapsed")}[objection.upheld]
        name = _("Objection of %(consortium)s", consortium=objection.consortium.name)
        rows.append((name, f"{day(objection.created_at)}: {outcome}. {objection.decision}".strip()))
    found = select(Suspension).where(Suspension.evaluation_id == evaluation.id).order_by(Suspension.created_at)
    for one in db.session.scalars(found):
        until = day(one.lifted_at) if one.lifted_at else _("not yet")
        rows.append((str(one.cause.label), f"{day(one.created_at)} – {until}. {one.explanation} {one.outcome}".strip()))
    return [Section(title=_("Repairs, objections and suspension"), facts=rows)] if rows else []


def _enquiries(evaluation: Evaluation, kind: EnquiryKind) -> list[Enquiry]:
    ids = [one.id for one in evaluation.opened]
    found = select(Enquiry).where(Enquiry.opened_id.in_(ids), Enquiry.kind == kind).order_by(Enquiry.asked_at)
    return list(db.session.scalars(found).unique()) if ids else []


Said = dict[str, Sequence[object]]


def _items(
    evaluation: Evaluation, plans: list[OpenedProposal], winners: list[OpenedProposal]
) -> list[tuple[str, Said]]:
    call = evaluation.call
    placed = [one for one in plans if one.rank is not None]
    others = [one for one in plans if one.rank is None]
    return [
        (_("Name and address of the contracting authority"), _facts(_authority(call))),
        (_("Subject and value"), _facts(_subject(call))),
        (_("Bidders whose plan was ranked, and why"), _ranked(call, placed)),
        (_("Bidders that were excluded or not ranked, and why"), _why_not(evaluation, others)),
        (_("Plans rejected because the price was abnormally low"), _low_prices(plans)),
        (_("The winner, and why its plan was chosen"), _why_chosen(winners)),
        (_("The share of the work that others do for the winner"), _shares(winners)),
        (_("Why this procedure was chosen"), _says(_procedure(call))),
        (_("Negotiation without publication"), _says(_("There was none: the call was published on the portal."))),
        (
            _("Why nothing was awarded"),
            _says(call.cancelled_because or _("Not applicable.")),
        ),
        (_("Other means than electronic ones"), _says(_("None. Plans were handed in, opened and judged here alone."))),
        (_("Conflicts of interest, and what was done"), _conflicts(evaluation)),
        (_("The lots of the call") if call.lots else _("Why the call was not divided into lots"), _lots(call)),
        (_("Information that was left out of the answers, and why"), _withheld(call)),
    ]


def _says(*texts: str) -> Said:
    return {"paragraphs": [text for text in texts if text]}


def _facts(pairs: list[tuple[str, str]]) -> Said:
    return {"facts": pairs}


def _authority(call: Call) -> list[tuple[str, str]]:
    lead = call.programme.lead
    rows = [(_("Name"), lead.name), (_("Postal address"), lead.postal_address or lead.locality or "–")]
    return [*rows, *((contact.function, f"{contact.name}, {contact.address}") for contact in call.contacts)]


def _subject(call: Call) -> list[tuple[str, str]]:
    cap = call.table.cap_contract_minor
    value = money(cap, call.programme.currency) if cap is not None else _("no ceiling in the price table")
    rows = [(_("Subject"), call.title), (_("Value, at the most"), value), (_("Price table"), call.table.title)]
    if call.table.illustrative or call.programme.illustrative:
        rows.append((_("Amounts"), _("illustrative: made up to show how it works")))
    return rows


def _ranked(call: Call, plans: list[OpenedProposal]) -> Said:
    """Art. 2.132 Aw asks why too: the agreed points on each criterion and the reasons that its bidder read."""
    if not plans:
        return _says(_("No plan was ranked."))
    facts = []
    for one in plans:
        given = one.points()
        agreed = [f"{criterion.name} {given[criterion.id]}" for criterion in call.criteria if criterion.id in given]
        why = one.reasons if one.evaluation.decided_at else ""  # until then they are a draft
        facts.append((one.consortium.full_name, f"{'; '.join(agreed)}. {why}".strip()))
    rows = [[one.consortium.full_name, points(one.total_hundredths), str(one.rank)] for one in plans]
    return {"facts": facts, "head": [_("Consortium"), _("Total"), _("Place")], "rows": rows}


def _why_not(evaluation: Evaluation, plans: list[OpenedProposal]) -> Said:
    """Excluded, short of a minimum, or handed in and never opened."""
    closed = unopened(evaluation)
    if not plans and not closed:
        return _says(_("None."))
    why_closed = _(
        "Not opened: at the opening what was stored did not match the receipt, or fewer than two of the officials to "
        "whom it was sealed were left."
    )
    said = [(one.name, why_closed) for one in closed]
    for one in plans:
        why = one.verdict if one.admission == Admission.EXCLUDED else one.shortfall.label if one.shortfall else "–"
        said.append((one.consortium.full_name, str(why)))
    return _facts(said)


def _low_prices(plans: list[OpenedProposal]) -> Said:
    asked = _enquiries(plans[0].evaluation, EnquiryKind.LOW_PRICE) if plans else []
    if not asked:
        return _says(_("No price looked abnormally low."))
    said = []
    for one in asked:
        outcome = _("not judged") if one.accepted is None else _("accepted") if one.accepted else _("rejected")
        said.append((one.opened.consortium.name, f"{outcome}. {one.reasons}".strip()))
    return _facts(said)


def _why_chosen(winners: list[OpenedProposal]) -> Said:
    if not winners:
        return _says(_("No award decision has been taken."))
    meeting = standing_meeting(winners[0].evaluation)
    facts = [(one.consortium.full_name, one.reasons) for one in winners]
    if meeting is not None:
        facts.append((_("Consensus meeting of %(day)s", day=day(meeting.held_on)), meeting.summary))
    return _facts(facts)


def _shares(winners: list[OpenedProposal]) -> Said:
    """Members of a consortium bid together: they are no subcontractors."""
    if not winners:
        return _says(_("No award decision has been taken."))
    members = [partner.organisation.name for one in winners for partner in one.consortium.taking_part]
    none = _("None was named: the members of the consortium do the work themselves.")
    return {"paragraphs": [none], "facts": [(_("Members of the consortium"), ", ".join(members))]}


def _procedure(call: Call) -> str:
    if call.programme.jurisdiction == "BE":
        return _("Social services: arts. 88 to 92 of the Belgian Act of 17 June 2016.")
    return _("Social and other specific services: arts. 2.38 and 2.39 of the Dutch Public Procurement Act 2012.")


def _conflicts(evaluation: Evaluation) -> Said:
    said = [
        (declared.user.name, _("Declared a conflict of interest; saw no plan from then on."))
        for declared in evaluation.conflicts
        if declared.has_conflict
    ]
    found: list[ConflictFinding] = list(evaluation.findings)
    for finding in found:
        done = _("dismissed as a namesake") if finding.dismissed_at else _("cut off from every plan at once")
        said.append((finding.user.name, f"{finding.kind.label}; {done}"))
    return _facts(said) if said else _says(_("No conflict of interest was declared or found."))


def _lots(call: Call) -> Said:
    if call.lots:
        return _facts([(lot.name, lot.description or "–") for lot in call.lots])
    return _says(
        _("One plan covers all life domains of the same people: support by one hand is what the call asks for.")
    )


def _withheld(call: Call) -> Said:
    reasons = [reason for nota in call.notas for entry in nota.entries for reason in entry["withheld"]]
    return _says(*reasons) if reasons else _says(_("Nothing was left out."))
