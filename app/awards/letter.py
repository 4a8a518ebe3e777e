"""What the letter to one bidder says, as plain data: reviewed, then sent, then the same for ever.

Art. 2.130 Aw: reasons, features and relative advantages of the winner, and the exact standstill; Belgium: arts. 4, 5
and 11 of the Act of 17 June 2013. A letter holds the scores of its own bidder and of the winner, never of a third; the
words on each criterion are of an official, since what the winner wrote may be confidential.
"""

import hashlib
import json
from typing import Any

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.awards.losing import loses
from app.calls.legal import Key, is_subsidy, standstill_label
from app.core.format import day, in_lot
from app.core.pdf import Document, Section
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.notices import points, words_of_place
from app.evaluation.queries import Standstill, reasons_rule
from app.evaluation.states import Admission
from app.languages import LOCALES

Content = dict[str, Any]


def draft_letter(evaluation: Evaluation, opened: OpenedProposal, winner: OpenedProposal | None, number: int) -> Content:
    """The letter before it is sent: all but the days that follow from the sending. `winner` of the same lot, if any;
    `number` of this letter."""
    call = evaluation.call
    with force_locale(LOCALES[call.programme.jurisdiction]):
        return {
            "title": _("Award decision"),
            "author": call.programme.lead.name,
            "eyebrow": call.programme.title,
            "address": call.programme.lead.postal_address,
            "reference": f"{evaluation.reference}-{number:02}" if evaluation.reference else "–",
            "to": opened.consortium.name,
            "partners": [partner.organisation.name for partner in opened.consortium.taking_part],
            "call": call.title,
            "lot": _lot(opened),
            "decision": _decision(evaluation, opened, winner),
            "head": [_("Criterion"), _("Weight"), _("You"), _("Winner")],
            "scores": _scores(evaluation, opened, winner),
            "criteria": _criteria(evaluation, opened, winner),
            "reasons": [line for line in opened.reasons.splitlines() if line.strip()],
            "rule": reasons_rule(evaluation),
            "review": _review(evaluation),
            "how": _how(opened),
        } | ({"term": str(standstill_label(call))} if is_subsidy(call) else {})


def _how(opened: OpenedProposal) -> str:
    """Who wins a public contract has nothing to object to, but hears that others have."""
    if not loses(opened):
        return _("Other bidders can object until the end of the standstill. The award becomes final after that.")
    if is_subsidy(opened.call):
        return _(
            "The lead partner can object on the portal until the end of this time. Where to go after the decision on "
            "the objection stands here too."
        )
    return _(
        "The lead partner can object on the portal until the end of the standstill. An objection on the portal does "
        "not replace a case before the court, which must be begun within the same days."
    )


def _lot(opened: OpenedProposal) -> str:
    lot = opened.consortium.lot
    return lot.name if lot is not None else ""


def _decision(evaluation: Evaluation, opened: OpenedProposal, winner: OpenedProposal | None) -> list[str]:
    call, lot = evaluation.call.title, _lot(opened)
    if lot:
        call = _("%(call)s, lot %(lot)s,", call=call, lot=in_lot(lot))
    if winner is None:
        told = _("We do not intend to award %(call)s to anybody: no plan for it has a place.", call=call)
    elif opened.id == winner.id:
        told = _("We intend to award %(call)s to you.", call=call)
    else:
        told = _("We intend to award %(call)s to %(winner)s.", call=call, winner=winner.consortium.name)
    return [told, words_of_place(evaluation, opened)]


def _scores(evaluation: Evaluation, opened: OpenedProposal, winner: OpenedProposal | None) -> list[list[str]]:
    """Own points beside those of the winner; a plan that was excluded has none."""
    if opened.admission == Admission.EXCLUDED:
        return []
    own, best = opened.points(), winner.points() if winner is not None else {}
    highest = points(winner.total_hundredths) if winner is not None else "–"
    rows = [
        [one.name, f"{one.weight} %", str(own.get(one.id, "–")), str(best.get(one.id, "–"))]
        for one in evaluation.call.criteria
    ]
    return [*rows, [_("Total"), "100 %", points(opened.total_hundredths), highest]]


def _criteria(evaluation: Evaluation, opened: OpenedProposal, winner: OpenedProposal | None) -> list[list[Any]]:
    """Per criterion: its name, and what there is to say of it in pairs of label and words."""
    if opened.admission == Admission.EXCLUDED:
        return []
    own, best = opened.points(), winner.points() if winner is not None and winner.id != opened.id else {}
    why = {one.criterion_id: one.motivation for one in opened.consensus}
    told = []
    for one in evaluation.call.criteria:
        facts = [
            [_("Your points"), str(own.get(one.id, "–"))],
            [_("Why"), why.get(one.id, "")],
            [_("Points of the winner"), str(best.get(one.id, "–")) if best else ""],
            [_("Features and relative advantages of the winner"), opened.advantages.get(str(one.id), "")],
        ]
        told.append([f"{one.name} ({one.weight} %)", [fact for fact in facts if fact[1]]])
    return told


def _review(evaluation: Evaluation) -> list[list[str]]:
    """To whom a bidder can go, by the law of the day on which the call was published."""
    rule = evaluation.call.rule(Key.REVIEW)
    named = [[_("Court or body"), evaluation.court]] if evaluation.court else []
    return [*named, [_("Competent"), rule.amount], [_("Competent by"), rule.basis]]


def sent_letter(content: Content, locale: str, standstill: Standstill) -> Content:
    """The same letter with the days that follow from its sending."""
    with force_locale(locale):
        moved = standstill.until != standstill.counted_to
        return content | {
            "sent_on": day(standstill.sent_on),
            "standstill": [
                [
                    _("Length"),
                    ngettext(
                        "%(num)d calendar day, counted from the day after sending",
                        "%(num)d calendar days, counted from the day after sending",
                        standstill.days,
                    ),
                ],
                [
                    _("Last day"),
                    _(
                        "%(until)s, because %(counted)s is no working day",
                        until=day(standstill.until),
                        counted=day(standstill.counted_to),
                    )
                    if moved
                    else day(standstill.until),
                ],
                [_("Basis"), standstill.basis],
            ],
        }


def digest_of(content: Content) -> str:
    """SHA-256 (hex) of the letter as it stands, over its canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def document_of(content: Content, digest: str, locale: str) -> Document:
    """The letter as a document for the printer."""
    with force_locale(locale):
        facts = [
            (_("From"), ", ".join(part for part in (content["author"], content.get("address")) if part)),
            (_("Reference"), content.get("reference", "–")),
            (_("To"), content["to"]),
            (_("Partners"), ", ".join(content["partners"])),
            (_("Call"), content["call"]),
        ]
        if content["lot"]:
            facts.append((_("Lot"), content["lot"]))
        if "sent_on" in content:
            facts.append((_("Sent"), content["sent_on"]))
        sections = [
            Section(paragraphs=content["decision"]),
            Section(title=_("Points"), head=content["head"], rows=content["scores"]),
            Section(title=_("Motivation per criterion"), facts=content.get("motivations", [])),  # of earlier letters
            *(Section(title=name, facts=said) for name, said in content.get("criteria", [])),
            Section(title=_("Reasons of the decision"), paragraphs=[*content["reasons"], content["rule"]]),
            Section(title=content.get("term") or _("Standstill period"), facts=content.get("standstill", [])),
            Section(title=_("How to object"), facts=content.get("review", []), paragraphs=[content["how"]]),
        ]
        return Document(
            title=content["title"],
            author=content["author"],
            eyebrow=content["eyebrow"],
            foot=_("SHA-256 %(digest)s", digest=digest[:16]),
            facts=facts,
            sections=[one for one in sections if one.paragraphs or one.facts or one.rows],
        )
