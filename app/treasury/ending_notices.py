"""Who hears of what comes at the end of a bond, and of what goes wrong on the way."""

from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.settlement.models import Statement
from app.settlement.reference import grouped
from app.treasury.charge import BankCharge
from app.treasury.closing import Closing
from app.treasury.default import InvestorDefault
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCallPart
from app.treasury.notices import day, pay_to, shown
from app.treasury.payable import NotYet, not_yet_payable
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import GuaranteeState


def tell_call_due(part: CapitalCallPart, days: int) -> None:
    """The investor, and the intermediary once it is late."""
    call = part.capital_call
    programme = call.programme

    def words() -> Notice:
        amount = shown(part.amount_minor, programme)
        facts = {"amount": amount, "day": day(part.due_on), "reference": part.reference}
        if days > 0:
            said = _("%(amount)s was due on %(day)s, with the reference %(reference)s, and has not come in.", **facts)
            said += " " + _("If it does not come in, the intermediary may declare a default.")
        else:
            said = _("%(amount)s is due on %(day)s, with the reference %(reference)s.", **facts)
        title = _("%(bond)s: reminder of capital call %(number)d", bond=programme.title, number=call.number)
        return Notice(title, [said, pay_to(programme)])

    readers = part.organisation.people() + (programme.people(Part.INTERMEDIARY) if days > 0 else [])
    notify(readers, Action.CAPITAL_CALL_REMIND, call, words, "treasury.capital_call", id=call.id)


def tell_statement_late(statement: Statement, due_on: date) -> None:
    """The municipality, and the intermediary."""
    programme = statement.settlement.programme

    def words() -> Notice:
        facts = {
            "amount": shown(statement.outstanding_minor, programme),
            "day": day(due_on),
            "reference": grouped(statement.reference),
        }
        return Notice(
            _("%(bond)s: payment is late", bond=programme.title),
            [
                _("Of statement %(reference)s %(amount)s was due on %(day)s and has not come in.", **facts),
                pay_to(programme),
            ],
        )

    readers = [*statement.payer.people(), *programme.people(Part.INTERMEDIARY)]
    notify(readers, Action.PAYMENT_REMIND, statement, words, "settlement.statement", id=statement.id)


def tell_default_declared(default: InvestorDefault, actor: User) -> None:
    """Colleagues at the intermediary; the investor hears nothing before a second person confirms."""
    programme = default.programme

    def words() -> Notice:
        amount = shown(default.part.amount_minor, programme)
        return Notice(
            _("%(bond)s: default to confirm", bond=programme.title),
            [
                _(
                    "%(name)s finds that %(investor)s has not paid in %(amount)s.",
                    name=actor.name,
                    investor=default.organisation.name,
                    amount=amount,
                ),
                _("Reason: %(reason)s", reason=default.reason),
            ],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.DEFAULT_DECLARE, default, words, "treasury.default", id=default.id)


def tell_default_confirmed(default: InvestorDefault) -> None:
    """The investor and whoever reads the default (the desk, the auditor) by name; everybody else only what it means for
    the bond: the other investors, who may be asked, and the parties that work with this money."""
    programme = default.programme

    def words() -> Notice:
        owed, lapsed = shown(default.part.amount_minor, programme), shown(default.lapsed_minor, programme)
        told = _("%(name)s has not paid in %(amount)s; this stays owed.", name=default.organisation.name, amount=owed)
        if default.lapsed_minor:  # in the same breath: the inbox shows the first paragraph
            told += " " + _("%(amount)s that was not called yet will not be called any more.", amount=lapsed)
        lines = [told, _("Reason: %(reason)s", reason=default.reason)]
        return Notice(_("%(bond)s: an investor is in default", bond=programme.title), lines)

    def others() -> Notice:
        lost = shown(default.lost_minor, programme)
        return Notice(
            _("%(bond)s: an investor is in default", bond=programme.title),
            [
                _("Of the capital that was promised, %(amount)s does not come in for the time being.", amount=lost),
                _("The intermediary may ask the other investors in a new call, up to what each promised."),
            ],
        )

    def parties() -> Notice:
        lost = shown(default.lost_minor, programme)
        return Notice(
            _("%(bond)s: capital falls out", bond=programme.title),
            [
                _("Of the capital that was promised, %(amount)s does not come in for the time being.", amount=lost),
                _("The intermediary guards what follows, and tells on the page of progress what is done about it."),
            ],
        )

    concerned = [*default.organisation.people(), *programme.people(Part.INTERMEDIARY, Part.AUDITOR)]
    notify(concerned, Action.DEFAULT_CONFIRM, default, words, "treasury.default", id=default.id)
    known = {user.id for user in concerned}
    rest = [user for user in programme.people(Part.INVESTOR) if user.id not in known]
    notify(rest, Action.DEFAULT_CONFIRM, default, others, "treasury.holding", id=programme.id)
    known |= {user.id for user in rest}
    working = [user for user in programme.people(Part.GOVERNMENT, Part.PROVIDER) if user.id not in known]
    notify(working, Action.DEFAULT_CONFIRM, default, parties, "progress.index", id=programme.id)


def tell_default_rejected(default: InvestorDefault) -> None:
    programme = default.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: default rejected", bond=programme.title),
            [
                _("%(name)s is not in default.", name=default.organisation.name),
                _("Reason: %(reason)s", reason=default.rejected_because),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.DEFAULT_REJECT, default, words, "treasury.default", id=default.id)


def tell_guarantee_called(call: GuaranteeCall) -> None:
    """The desk, which writes to the guarantor; the investors, whose capital it is about."""
    programme = call.programme

    def words() -> Notice:
        facts = {"amount": shown(call.amount_minor, programme), "name": call.guarantor, "day": day(call.due_on)}
        return Notice(
            _("%(bond)s: the guarantee is called", bond=programme.title),
            [
                _("%(name)s is asked to pay in %(amount)s by %(day)s, with the reference below.", **facts),
                _("Reference: %(reference)s", reference=call.reference),
                pay_to(programme),
            ],
        )

    def investors() -> Notice:
        return Notice(
            _("%(bond)s: the guarantee is called", bond=programme.title),
            [_("The guarantor is asked to make up for capital of its tranche that did not come back.")],
        )

    desk = programme.people(Part.INTERMEDIARY)
    notify(desk, Action.GUARANTEE_APPROVE, call, words, "treasury.guarantee", id=call.id)
    notify(
        programme.people(Part.INVESTOR), Action.GUARANTEE_APPROVE, call, investors, "treasury.holding", id=programme.id
    )


def tell_guarantee_withdrawn(call: GuaranteeCall) -> None:
    """The desk and the investors: whether the capital is still waited for."""
    programme = call.programme

    def words() -> Notice:
        facts = {"amount": shown(call.amount_minor, programme), "name": call.guarantor}
        if call.state == GuaranteeState.GIVEN_UP:
            said = _("%(name)s does not pay in %(amount)s; this capital is given up and does not come back.", **facts)
        else:
            said = _("%(name)s is not asked any more to pay in %(amount)s. It can be asked anew.", **facts)
        return Notice(
            _("%(bond)s: the call of the guarantee is withdrawn", bond=programme.title),
            [said, _("Reason: %(reason)s", reason=call.rejected_because)],
        )

    desk = programme.people(Part.INTERMEDIARY)
    notify(desk, Action.GUARANTEE_WITHDRAW, call, words, "treasury.guarantee", id=call.id)
    investors = programme.people(Part.INVESTOR)
    notify(investors, Action.GUARANTEE_WITHDRAW, call, words, "treasury.holding", id=programme.id)


def tell_guarantee_received(call: GuaranteeCall, still_owed_minor: int) -> None:
    """The desk; of a part of what was asked also what is still owed (minor units)."""
    programme = call.programme

    def still_owed() -> list[str]:
        owed = {"amount": shown(still_owed_minor, programme), "day": day(call.due_on), "reference": call.reference}
        told = _("%(amount)s is still owed by %(day)s, with the same reference %(reference)s.", **owed)
        return [told] if still_owed_minor else []

    def words() -> Notice:
        amount = shown(call.amount_minor, programme)
        return Notice(
            _("%(bond)s: the guarantor paid", bond=programme.title),
            [
                _("%(amount)s of %(name)s came in.", amount=amount, name=call.guarantor),
                *still_owed(),
                _(
                    "What still lacks of the capital of its tranche is paid out of it by the last distribution; what "
                    "is not needed goes back to the guarantor."
                ),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.GUARANTEE_RECEIVE, call, words, "treasury.guarantee", id=call.id)


def tell_remitted(remittance: Remittance) -> None:
    """Each receiver on the portal its own part; the desk all."""
    programme = remittance.programme
    paid = [part.organisation_id for part in remittance.parts if part.organisation_id is not None]
    not_yet = {one.organisation_id: one for one in not_yet_payable(paid)}
    for part in remittance.parts:
        if part.organisation is None:
            continue

        waiting = not_yet.get(part.organisation.id)

        def own(part: RemittancePart = part, waits: NotYet | None = waiting) -> Notice:
            amount, title = shown(part.amount_minor, programme), part.title
            told = [_("%(amount)s is approved; the bank pays it to you, as agreed.", amount=amount)]
            if waits is not None:
                told = [_("%(amount)s for you is approved. The bank cannot pay it yet.", amount=amount), waits.why]
            return Notice(_("%(bond)s: money for you", bond=programme.title), [f"{title}.", *told])

        people = part.organisation.people()
        notify(people, Action.REMITTANCE_APPROVE, remittance, own, "treasury.remittance", id=remittance.id)

    def desk() -> Notice:
        amount = shown(remittance.amount_minor, programme)
        return Notice(
            _("%(bond)s: %(what)s", bond=programme.title, what=remittance.title),
            [_("%(amount)s is approved, but not everything can be paid yet.", amount=amount)]
            + [one.why for one in not_yet.values()]
            if not_yet
            else [_("%(amount)s is approved; the bank pays it.", amount=amount)],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.REMITTANCE_APPROVE, remittance, desk, "treasury.remittance", id=remittance.id)


def tell_returned(returned: ReturnedPayment) -> None:
    """The desk, and the organisation, whose account does not work."""
    programme, organisation = returned.programme, returned.organisation
    if organisation is None:
        _tell_owed_again(returned)
        return

    def words() -> Notice:
        amount = shown(returned.amount_minor, programme)
        return Notice(
            _("%(bond)s: a payment came back", bond=programme.title),
            [
                _("The bank gave back %(amount)s for %(name)s.", amount=amount, name=organisation.name),
                _("Reason: %(reason)s", reason=returned.reason),
                _("Check the account that is paid on; the payment is made again."),
            ],
        )

    own = organisation.people()
    notify(own, Action.RETURN_BOOK, returned, words, "bank.account", id=organisation.id)
    desk = [user for user in programme.people(Part.INTERMEDIARY) if user.id not in {one.id for one in own}]
    notify(desk, Action.RETURN_BOOK, returned, words, "bank.index", id=programme.id)


def _tell_owed_again(returned: ReturnedPayment) -> None:
    """The desk: who was to be paid is no party of the portal."""
    programme = returned.programme

    def words() -> Notice:
        amount = shown(returned.amount_minor, programme)
        return Notice(
            _("%(bond)s: a payment came back", bond=programme.title),
            [
                _("The bank gave back %(amount)s for %(name)s.", amount=amount, name=returned.payee),
                _("Reason: %(reason)s", reason=returned.reason),
                _("It is owed again. Prepare another payment, on the account that the receiver tells you."),
            ],
        )

    readers, remittance = programme.people(Part.INTERMEDIARY), returned.origin
    notify(readers, Action.RETURN_BOOK, returned, words, "treasury.remittance", id=remittance.id)


def tell_closing_prepared(closing: Closing, actor: User) -> None:
    programme = closing.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: close to approve", bond=programme.title),
            [_("%(name)s proposes to close this bond. A second person decides.", name=actor.name)],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.CLOSING_PREPARE, closing, words, "treasury.closing", id=programme.id)


def tell_closed(closing: Closing) -> None:
    """Everybody who acts for a party."""
    programme = closing.programme

    def words() -> Notice:
        stated = _("That it is paid two people of the intermediary state: no statement of the bank was read in here.")
        return Notice(
            _("%(bond)s is closed", bond=programme.title),
            [
                _("Every effect is decided, everything is paid, every account is at zero."),
                *([stated] if closing.bank_seen else []),
                _(
                    "The key of codes and names is destroyed by %(key)s, documents by %(files)s.",
                    key=day(closing.key_deleted_by),
                    files=day(closing.files_deleted_by),
                ),
                _("The results stay public."),
            ],
        )

    notify(programme.people(), Action.CLOSING_APPROVE, closing, words, "reports.results", id=programme.id)


def tell_closing_rejected(closing: Closing) -> None:
    programme = closing.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: close rejected", bond=programme.title),
            [_("The bond stays open."), _("Reason: %(reason)s", reason=closing.rejected_because)],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.CLOSING_REJECT, closing, words, "treasury.closing", id=programme.id)


def tell_charge_reversed(charge: BankCharge) -> None:
    """Everybody at the desk: the line of the bank is theirs again."""
    programme = charge.programme

    def words() -> Notice:
        facts = {"what": charge.title, "amount": shown(charge.amount_minor, programme), "day": day(charge.on)}
        return Notice(
            _("%(bond)s: %(what)s taken back", bond=programme.title, what=charge.title),
            [
                _(
                    "%(amount)s of %(day)s was something else. Its line stands on the work list again.",
                    **facts,
                ),
                _("Reason: %(reason)s", reason=charge.reversed_because),
            ],
        )

    notify(programme.people(Part.INTERMEDIARY), Action.CHARGE_REVERSE, charge, words, "bank.charges", id=programme.id)
