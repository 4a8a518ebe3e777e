"""Invoices and credit notes: what they say, frozen on their day, as plain data and as a document for the printer."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import String, case, cast, func, select

from app.access.actions import Action
from app.access.record import record
from app.agreements.amendment_models import terms_at
from app.agreements.models import BY_LAW_DAYS
from app.core import clock
from app.core.errors import NotNow
from app.core.format import basis_points, day, money
from app.core.operation import operation
from app.core.pdf import Document, Section
from app.extensions import db
from app.languages import LOCALES
from app.outcomes.models import Claim, Measurement
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.pricing.rounding import half_up
from app.programmes.models import Part
from app.settlement.claw_back import LATER_ALONE, vat_in
from app.settlement.dispute_models import Correction
from app.settlement.groups import groups_named
from app.settlement.invoice_models import Invoice, number_of
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.reference import grouped
from app.settlement.states import InvoiceKind, LineKind

Content = dict[str, Any]


def issue_invoice(statement: Statement) -> Invoice:
    """The invoice for an approved statement: due after the days that the agreement names, by law thirty. For one below
    zero a credit note, which names in its rows every invoice that it corrects."""
    today = clock.today()
    if statement.amount_minor < 0:
        amounts = -statement.amount_minor, -statement.vat_minor
        return _issue(statement, InvoiceKind.CREDIT_NOTE, *amounts, today, corrects=_newest_corrected(statement))
    due_on = today + timedelta(days=payment_days(statement.settlement))
    return _issue(statement, InvoiceKind.INVOICE, statement.amount_minor, statement.vat_minor, today, due_on=due_on)


def credit(correction: Correction) -> Invoice | None:
    """The credit note that takes a correction off the invoice; none where the statement never had an invoice."""
    invoice = invoice_of(correction.statement)
    if invoice is None:
        return None
    amounts = correction.amount_minor, correction.vat_minor
    return _issue(
        correction.statement, InvoiceKind.CREDIT_NOTE, *amounts, clock.today(), corrects=invoice, correction=correction
    )


def invoice_of(statement: Statement) -> Invoice | None:
    return db.session.scalar(select(Invoice).filter_by(statement_id=statement.id, kind=InvoiceKind.INVOICE))


def _newest_corrected(statement: Statement) -> Invoice:
    """Of the invoices from which this statement takes something back, the newest; of all invoices of the municipality
    where none of those statements was above zero."""
    taken = select(SettlementLine.first_settlement_id).where(
        SettlementLine.settlement_id == statement.settlement_id,
        SettlementLine.payer_id == statement.payer_id,
        SettlementLine.paid_minor < 0,
    )
    found = select(Invoice).join(Invoice.statement).where(Statement.payer_id == statement.payer_id)
    found = found.where(Statement.programme_id == statement.programme_id, Invoice.kind == InvoiceKind.INVOICE)
    first = case((Statement.settlement_id.in_(taken), 0), else_=1)
    return db.session.scalars(found.order_by(first, Invoice.year.desc(), Invoice.sequence.desc()).limit(1)).one()


def payment_days(settlement: Settlement) -> int:
    """Calendar days, as every party signed them; an amendment after the settlement was prepared does not count."""
    return int(terms_at(settlement.agreement, settlement.created_at).get("payment", {}).get("days", BY_LAW_DAYS))


def _issue(
    statement: Statement,
    kind: InvoiceKind,
    amount_minor: int,
    vat_minor: int,
    today: date,
    due_on: date | None = None,
    corrects: Invoice | None = None,
    correction: Correction | None = None,
) -> Invoice:
    programme = statement.settlement.programme
    issuer = _issuer(statement.settlement)
    made = Invoice(
        statement=statement,
        programme_id=programme.id,
        issuer=issuer,
        corrects=corrects,
        correction=correction,
        kind=kind,
        year=today.year,
        sequence=_next_sequence(issuer.id, today.year),
        issued_on=today,
        due_on=due_on,
        amount_minor=amount_minor,
        vat_minor=vat_minor,
        locale=LOCALES[programme.jurisdiction],
    )
    with force_locale(made.locale), db.session.no_autoflush:
        made.content = _content(made, statement, correction)
    made.digest = digest_of(made.content)
    db.session.add(made)
    db.session.flush()
    return made


def _issuer(settlement: Settlement) -> Organisation:
    """The intermediary of whoever prepared the settlement."""
    desks: Sequence[Organisation] = settlement.programme.organisations(Part.INTERMEDIARY)
    if not desks:
        raise NotNow(_("The bond has no intermediary that could send an invoice."))
    mine = [one for one in desks if settlement.prepared_by_id in {user.id for user in one.people()}]
    return (mine or desks)[0]


def _next_sequence(issuer_id: uuid.UUID, year: int) -> int:
    """Writers take turns (core.operation), so that no number is given twice and none is left out."""
    highest = select(func.coalesce(func.max(Invoice.sequence), 0)).filter_by(issuer_id=issuer_id, year=year)
    return int(db.session.scalar(highest) or 0) + 1


def _content(invoice: Invoice, statement: Statement, correction: Correction | None) -> Content:
    settlement, programme = statement.settlement, statement.settlement.programme
    account, currency = programme.account, programme.currency
    illustrative = programme.illustrative or settlement.agreement.table.illustrative
    vat_bp = settlement.agreement.table.vat_bp
    return {
        "title": f"{invoice.kind.label} {number_of(invoice.year, invoice.sequence)}",
        "bond": programme.title,
        "from": _party(invoice.issuer),
        "to": _party(statement.payer),
        "issued_on": day(invoice.issued_on),
        "due_on": day(invoice.due_on) if invoice.due_on else "",
        "days": payment_days(settlement),
        "corrects": invoice.corrects.number if invoice.corrects else "",
        "reason": correction.reason if correction else "",
        "about": [one.in_words(currency) for one in groups_named(statement, correction.dispute.answer_about)]
        if correction
        else [],
        "supplied": _("What was put right after the last settlement, until %(last)s", last=day(settlement.period_to))
        if settlement.is_closing
        else _("Proven effects, achieved up to and including %(last)s and not settled before", **_period(settlement)),
        "statement": statement.title,
        "rows": _rows(statement) if correction is None else [],
        "net": money(invoice.amount_minor - invoice.vat_minor, currency),
        "vat_rate": basis_points(vat_bp) if vat_bp is not None else "",
        "vat": money(invoice.vat_minor, currency),
        "amount": money(invoice.amount_minor, currency),
        "reference": grouped(statement.reference),
        "account": [account.shown, account.holder] if account is not None else [],
        "note": _("This bond is an example: its amounts are illustrative and nothing is really owed.")
        if illustrative
        else "",
    }


def _period(settlement: Settlement) -> dict[str, str]:
    return {"last": day(settlement.period_to)}


def _party(organisation: Organisation) -> list[str]:
    """Name, address, number in the register of companies and for VAT (Directive 2006/112/EC, art. 226(3) to (5))."""
    number, register = organisation.registration_number, "KBO" if organisation.country == "BE" else "KvK"
    vat = _("VAT number %(number)s", number=organisation.vat_number) if organisation.vat_number else ""
    parts = (organisation.name, organisation.postal_address, f"{register} {number}" if number else "", vat)
    return [part for part in parts if part]


def _rows(statement: Statement) -> list[list[str]]:
    """Per effect and price: how many claims or measurements, the price of one, what would have happened anyway, what
    discount, maximums and ceilings take off, what is paid, and the VAT in it, so that every row can be computed again;
    what is taken back, or is worth another amount by that, apart for each invoice that it corrects (Directive
    2006/112/EC, arts. 219 and 226(6) and (8)). Equal lines are counted by the database."""
    line, first = SettlementLine, case((SettlementLine.kind.in_(LATER_ALONE), SettlementLine.first_settlement_id))
    keys: tuple[Any, ...] = (Effect.id, Effect.name, line.gross_minor, line.paid_minor, cast(line.steps, String))
    found = (
        select(*keys, line.kind, first, func.count())
        .select_from(line)
        .outerjoin(line.claim)
        .outerjoin(line.measurement)
        .join(Effect, Effect.id == func.coalesce(Claim.effect_id, Measurement.effect_id))
        .where(line.settlement_id == statement.settlement_id, line.payer_id == statement.payer_id)
        .group_by(Effect.position, *keys, line.kind, first)
        .order_by(Effect.position, line.gross_minor.desc(), line.paid_minor.desc())
    )
    counted: dict[tuple[Any, ...], Counted] = {}
    rows: Any = db.session.execute(found)
    for id, name, each, paid, steps, kind, of, often in rows:
        alone = kind in LATER_ALONE
        told = _taken_back(name, kind, of, statement) if alone else name
        row = counted.setdefault((alone, id, told, None if alone else each), Counted(told, None if alone else each))
        row.add(often, paid, json.loads(steps))
    settlement = statement.settlement
    currency, with_vat = settlement.programme.currency, settlement.agreement.table.vat_bp is not None
    ordered = sorted(counted.items(), key=lambda one: one[0][0])  # what is corrected comes last
    return [row.shown(currency, with_vat) for _key, row in ordered]


@dataclass(slots=True)
class Counted:
    """Lines of one effect and one price (minor units; no price where they correct an invoice), added up."""

    name: str
    each_minor: int | None
    often: int = 0
    paid_minor: int = 0
    anyway: Fraction = Fraction()
    vat_minor: int = 0

    def add(self, often: int, paid_minor: int, steps: Sequence[Mapping[str, str]]) -> None:
        self.often += often
        self.paid_minor += often * paid_minor
        self.vat_minor += often * vat_in(steps)
        for step in steps:
            if step["rule"] == "deadweight":
                self.anyway += often * (Fraction(step["before_minor"]) - Fraction(step["after_minor"]))

    def shown(self, currency: str, with_vat: bool) -> list[str]:
        """`often` times the price of one, less both deductions, is what is paid."""
        between: list[int | None] = [None, None, None]
        if self.each_minor is not None:
            anyway = half_up(self.anyway, 1)
            between = [self.each_minor, anyway, self.often * self.each_minor - anyway - self.paid_minor]
        told = [*between, self.paid_minor, *([self.vat_minor] if with_vat else [])]
        return [self.name, str(self.often), *("" if one is None else money(one, currency) for one in told)]


def _taken_back(effect: str, kind: LineKind, first_id: uuid.UUID, statement: Statement) -> str:
    """What a line that changes an earlier one says, with the invoice on which that one stood."""
    earlier = select(Invoice).join(Invoice.statement).where(Statement.payer_id == statement.payer_id)
    earlier = earlier.where(Statement.settlement_id == first_id, Invoice.kind == InvoiceKind.INVOICE)
    invoice, settlement = db.session.scalar(earlier), db.session.get_one(Settlement, first_id)
    values = {"effect": effect, "of": invoice.title if invoice is not None else settlement.title}
    if kind == LineKind.CLAWED_BACK:
        return _("%(effect)s: taken back, of %(of)s", **values)
    return _("%(effect)s: worth another amount now, of %(of)s", **values)


def digest_of(content: Content) -> str:
    """SHA-256 (hex) of what the document says, over its canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def document_of(invoice: Invoice) -> Document:
    """The invoice as a document for the printer: the same bytes whenever it is asked for."""
    said = invoice.content
    with force_locale(invoice.locale):
        return Document(
            title=said["title"],
            author=said["from"][0],
            eyebrow=said["bond"],
            foot=_("SHA-256 %(digest)s", digest=invoice.digest),
            facts=[fact for fact in _facts(said) if fact[1]],
            sections=[one for one in _sections(said) if one.paragraphs or one.facts or one.rows],
        )


def _facts(said: Content) -> list[tuple[str, str]]:
    return [
        (_("From"), ", ".join(said["from"])),
        (_("To"), ", ".join(said["to"])),
        (_("Date of the invoice"), said["issued_on"]),
        (_("Pay at the latest on"), said["due_on"]),
        (_("Credit note for invoice"), said["corrects"]),
        (_("For"), said["supplied"]),
        (_("By"), said["statement"]),
    ]


def _head(rows: Sequence[Sequence[str]]) -> list[str]:
    """An invoice is never changed: those of before November 2026 name no price of one, and then one deduction."""
    before = [_("Effect"), _("How many")]
    width = len(rows[0]) if rows else 0
    if width == 3:
        return [*before, _("Amount")]
    if width == 5:
        return [*before, _("Price of one"), _("Deduction"), _("Amount")]
    taken = [_("Would have happened anyway"), _("Discount, maximum or ceiling")]
    return [*before, _("Price of one"), *taken, _("Amount"), *([_("VAT in it")] if width == 7 else [])]


def _how_vat(said: Content) -> list[str]:
    """Whether VAT is in the amounts, and how it is rounded (replay/1: net of VAT half up per line)."""
    if not said["vat_rate"]:
        return [_("No VAT is in these amounts.")]
    return [
        _(
            "VAT of %(rate)s is in all these amounts. It is worked out per proven effect and rounded to the cent, so "
            "that it can differ some cents from what the total alone would give.",
            rate=said["vat_rate"],
        )
    ]


def _sections(said: Content) -> list[Section]:
    account = said["account"]
    pay = []
    if said["due_on"]:
        pay = [(_("Amount"), said["amount"]), (_("Payment reference"), said["reference"])]
        pay += [(_("IBAN"), account[0]), (_("In the name of"), account[1])] if account else []
    vat = [(_("Without VAT"), said["net"]), (_("VAT %(rate)s", rate=said["vat_rate"]), said["vat"])]
    total = _("Total to pay") if said["due_on"] else _("Total taken off")
    no_vat = [_("The agreement names no VAT; none is charged.")]
    term = _("Payment within %(days)d calendar days after this invoice.", days=said["days"])
    later = [_("The intermediary has not named the account yet. Wait with paying until it stands on the page.")]
    return [
        Section(paragraphs=[said["note"]] if said["note"] else []),
        Section(title=_("Why"), paragraphs=[said["reason"]] if said["reason"] else []),
        Section(title=_("About these lines"), paragraphs=said.get("about", [])),  # named since November 2026
        Section(
            title=_("Per effect"),
            paragraphs=_how_vat(said) if said["rows"] else [],
            head=_head(said["rows"]),
            rows=said["rows"],
        ),
        Section(
            title=_("Amount"),
            paragraphs=[] if said["vat_rate"] else no_vat,
            facts=[*(vat if said["vat_rate"] else []), (total, said["amount"])],
        ),
        Section(title=_("How to pay"), paragraphs=[term, *([] if account else later)] if pay else [], facts=pay),
    ]


@operation
def note_invoice_read(invoice: Invoice, *, actor: User) -> None:
    """Small counts of effects can tell of single people: whoever opens the document stands in the trail."""
    record(Action.INVOICE_READ, invoice, actor, number=invoice.number, sha256=invoice.digest)
