"""The plans of a call as the file of the call keeps them: for people as PDF, for machines as JSON with a legend."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from app.calls.models import Call
from app.consortia.shown import ShownPart, shown_parts
from app.core.format import basis_points, money, number
from app.core.pdf import Document, Section
from app.evaluation.completeness import answers_of, in_words, items_of
from app.evaluation.models import OpenedProposal
from app.evaluation.notices import points
from app.evaluation.queries import plan_volumes


def legend_of(call: Call, plans: list[OpenedProposal]) -> dict[str, Any]:
    """What stands behind every key and id in the plans: items, effects of the price table, organisations."""
    partners = {str(one.organisation_id): one.organisation.name for plan in plans for one in _partners(plan)}
    return {
        "items": {item.key: item.title for item in call.items},
        "effects": {str(one.id): {"code": one.code, "name": one.name} for one in call.table.effects},
        "organisations": partners | {str(one.organisation_id): one.organisation.name for one in call.programme.shares},
        "price_table": {str(call.table_id): call.table.title},
        "units": {"volumes": "effects", "years": "per cent", "discount_bp": "basis points", "amount_minor": "cents"},
    }


def files_of(plan: OpenedProposal) -> Iterator[tuple[str, bytes]]:
    """The files that answer an item of the call: (name, bytes)."""
    answers = answers_of(plan.content)
    for key, data in sorted(plan.content.get("files", {}).items()):
        answer = answers.get(key)
        yield f"{key}-{answer['filename'] if isinstance(answer, Mapping) else 'file'}", base64.b64decode(data)


def plan_document(plan: OpenedProposal) -> Document:
    """Everything that one plan said, as the committee read it; amounts in the currency of the bond."""
    call, consortium = plan.call, plan.consortium
    parts = shown_parts(consortium, plan.content.get("parts", {}))
    texts = [
        Section(title=item.title, paragraphs=_lines(in_words(item, answer)))
        for item, answer in items_of(call, plan.content)
    ]
    sections = [*texts, *(_part(one) for one in parts), _volumes(plan), *_second(plan)]
    facts = [
        (_("Call"), call.title),
        (_("Lead partner"), consortium.lead.name),
        (_("Partners"), ", ".join(one.organisation.name for one in _partners(plan))),
        (_("Screening"), str(plan.admission.label)),
        (_("SHA-256 of the plan"), plan.digest),
    ]
    if plan.rank is not None:
        facts.append((_("Total"), f"{points(plan.total_hundredths)} ({_('Place')} {plan.rank})"))
    if call.table.illustrative or call.programme.illustrative:
        facts.append((_("Amounts"), _("illustrative: made up to show how it works")))
    return Document(
        title=plan.title,
        author=consortium.lead.name,
        eyebrow=call.programme.title,
        foot=_("SHA-256 %(digest)s", digest=plan.digest[:16]),
        facts=facts,
        sections=sections,
    )


def _partners(plan: OpenedProposal) -> list[Any]:
    return list(plan.consortium.taking_part)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _part(shown: ShownPart) -> Section:
    """What one organisation does, declares and gets a share of."""
    part, facts = shown.part, list(shown.facts)
    for statement in shown.statements:
        answer = part["declarations"].get(statement.value)
        if answer is not None:
            said = _("this is so") if answer["clear"] else _("something to report")
            facts.append((str(statement.label), f"{said}. {answer.get('words', '')}".strip()))
    if part["declared_by"]:
        facts.append((_("Declared by"), f"{part['declared_by']}, {part['declared_at']}"))
    if part["elsewhere"]:
        facts.append((_("Takes part in another consortium for this call:").rstrip(":"), part["elsewhere"]))
    rows = [[effect, f"{work} %", f"{share} %"] for effect, work, share in shown.shares]
    head = [_("Effect"), _("Work"), _("Money")] if rows else []
    return Section(title=shown.name, paragraphs=_lines(part["contribution"]), facts=facts, head=head, rows=rows)


def _volumes(plan: OpenedProposal) -> Section:
    promised, currency = plan_volumes(plan, plan.call.table.effects), plan.call.programme.currency
    if not promised:
        return Section(title=_("Effects promised"), paragraphs=[_("The plan promises no effects.")])
    rows = [
        [f"{effect.name} ({effect.code})", number(count), money(effect.amount_of(count), currency)]
        for effect, count in promised
    ]
    total = sum(effect.amount_of(count) for effect, count in promised)
    rows.append([_("Total"), "", money(total, currency)])
    return Section(title=_("Effects promised"), head=[_("Effect"), _("Number"), _("Number × price")], rows=rows)


def _second(plan: OpenedProposal) -> Iterator[Section]:
    """The second envelope, when it was opened."""
    if plan.discount is None:
        return
    currency = plan.call.programme.currency
    names = {str(one.organisation_id): one.organisation.name for one in _partners(plan)}
    discount, lines = plan.discount.get("discount_bp"), plan.discount.get("budget", [])
    said = _("none") if discount is None else basis_points(discount)
    rows = [
        [names.get(one["organisation_id"], "–"), str(one["year"]), one["what"], money(one["amount_minor"], currency)]
        for one in lines
    ]
    yield Section(
        title=_("From the second envelope"),
        facts=[(_("Discount on every price of the table"), said)],
        head=[_("Partner"), _("Year"), _("On what"), _("Amount")] if rows else [],
        rows=rows,
    )
