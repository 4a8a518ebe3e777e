"""What a draft still lacks, by the page on which it can be filled in."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.calls.independence import why_not_independent
from app.calls.legal import Key
from app.calls.models import LEAST_OPENERS, LEAST_SCORERS, WEIGHTS_SUM, Call, CriterionKind, Duty, no_question_term
from app.core import clock
from app.core.flow import Labelled
from app.pricing.models import PERSONAL


class Room(Labelled):
    """The pages on which a call is drafted, in the order of work; the word is the endpoint."""

    EDIT = "edit", _l("The call")
    ITEMS = "items", _l("The plan")
    CRITERIA = "edit_criteria", _l("Criteria")
    LOTS = "lots", _l("Lots")
    DOCUMENTS = "documents", _l("Documents")
    CONTACTS = "contacts", _l("Contacts")
    COMMITTEE = "name_committee", _l("Committee")


class Lack(str):
    """A sentence that says what is missing, and the room where it is filled in."""

    room: Room

    def __new__(cls, room: Room, text: str) -> "Lack":
        lack = super().__new__(cls, text)
        lack.room = room
        return lack


def checklist(call: Call) -> list[tuple[Room, str, list[str]]]:
    """Each room of a draft: what it holds, and what it lacks. A lack that names no room stands with the first."""
    lacks = call.missing()
    holds = {
        Room.ITEMS: ngettext("%(num)d item", "%(num)d items", len(call.items)),
        Room.CRITERIA: ngettext("%(num)d criterion", "%(num)d criteria", len(call.criteria)),
        Room.LOTS: ngettext("%(num)d lot", "%(num)d lots", len(call.lots)) if call.lots else _("one undivided call"),
        Room.DOCUMENTS: ngettext("%(num)d document", "%(num)d documents", len(call.documents)),
        Room.CONTACTS: ngettext("%(num)d contact", "%(num)d contacts", len(call.contacts)),
        Room.COMMITTEE: ngettext("%(num)d seat", "%(num)d seats", len(call.committee)),
    }
    return [
        (room, holds.get(room, ""), [lack for lack in lacks if getattr(lack, "room", Room.EDIT) == room])
        for room in Room
    ]


def lacks_of(call: Call) -> list[Lack]:
    """Everything that keeps `call` from being published, in the order of the rooms."""
    rooms = {
        Room.EDIT: of_terms(call),
        Room.ITEMS: of_items(call),
        Room.CRITERIA: of_criteria(call),
        Room.LOTS: of_lots(call),
        Room.CONTACTS: of_contacts(call),
        Room.COMMITTEE: of_committee(call),
    }
    return [Lack(room, text) for room, texts in rooms.items() for text in texts]


def of_terms(call: Call) -> Iterator[str]:
    too_short = list(_too_short(call))
    yield from too_short
    if call.is_past_deadline:
        yield _("The deadline must lie in the future.")
    elif not too_short and call.answers_until <= clock.now():
        yield no_question_term(call.answers_until, call.answers_basis)
    elif not too_short and call.questions_until <= clock.now():
        yield _("The term for questions has passed: nobody could ask one.")
    if call.questions_until > call.deadline:
        yield _("Questions cannot be asked after the deadline.")


def _too_short(call: Call) -> Iterator[str]:
    """The law may have changed while the draft lay."""
    for key, days in ((Key.LAST_ANSWERS, call.answers_days), (Key.STANDSTILL, call.standstill_days)):
        found = call.rule(key)
        if days < found.days:
            yield _("At least %(days)d calendar days: %(basis)s.", days=found.days, basis=found.basis)


def of_items(call: Call) -> Iterator[str]:
    if not call.items:
        yield _("Say what a plan answers: there is no item yet.")


def of_criteria(call: Call) -> Iterator[str]:
    if sum(criterion.weight for criterion in call.criteria) != WEIGHTS_SUM:
        yield _("The weights of the criteria must add up to 100.")
    if call.criteria and all(criterion.kind == CriterionKind.DISCOUNT for criterion in call.criteria):
        yield _("At least one criterion must be about quality.")


def of_lots(call: Call) -> Iterator[str]:
    """No lots: one undivided call. Else they hold the whole cohort and every municipality."""
    if not call.lots:
        return
    if len(call.lots) == 1:
        yield _("One lot divides nothing: add a second one, or remove it.")
    together = sum(lot.cohort_size for lot in call.lots)
    if together != call.programme.cohort_size:
        yield _(
            "The lots hold %(together)d participants together; the bond has %(cohort)d.",
            together=together,
            cohort=call.programme.cohort_size,
        )
    covered = {one for lot in call.lots for one in lot.organisation_ids}
    for share in call.programme.shares:
        if str(share.organisation_id) not in covered:
            yield _("No lot is for %(municipality)s.", municipality=share.organisation.name)
    yield from of_discount(call)


def of_discount(call: Call) -> Iterator[str]:
    """What is measured of a municipality is paid with one discount; two lots there would bring two."""
    if call.allows_discount and any(effect.kind not in PERSONAL for effect in call.table.effects):
        for share in call.programme.shares:
            if sum(str(share.organisation_id) in lot.organisation_ids for lot in call.lots) > 1:
                yield unclear_discount(share.organisation.name)


def unclear_discount(municipality: str) -> str:
    """What is measured of a whole municipality is nobody's in particular: two discounts could not be told apart."""
    return _(
        "%(municipality)s is in more than one lot, and the price table pays for what is measured of a whole "
        "municipality: settlement could not say whose discount comes off. Leave the discount out, or give each "
        "municipality one lot.",
        municipality=municipality,
    )


def of_contacts(call: Call) -> Iterator[str]:
    if not call.contacts:
        yield _("Name at least one contact.")


def of_committee(call: Call) -> Iterator[str]:
    if len(call.on_committee(Duty.OPENER)) < LEAST_OPENERS:
        yield _("At least three officials must be named who open the plans, any two of them together.")
    for user in call.without_key():
        yield _("%(name)s has not made an opening key yet.", name=user.name)
    if len(call.on_committee(Duty.SCORER)) < LEAST_SCORERS:
        yield _("At least three people must be named who score the plans.")
    if (reason := why_not_independent(call.programme, [member.user_id for member in call.committee])) is not None:
        yield reason  # the bond got a party since they were named
