"""Who is told of an appeal. Neither a figure nor a code of a person leaves the portal."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.core.format import day
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.verification.appeal_models import Appeal, Proof, assessors_of, readers_of


def tell_filed(appeal: Appeal, until: date, *, alone: bool = False) -> None:
    """The assessor, of whom another person than who decided takes it up; `alone`: there is no such person yet."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: appeal about %(number)s", **_values(appeal.proof)),
            [
                _(
                    "%(party)s appeals. Somebody of you who did not decide about it decides now.",
                    party=appeal.organisation.name,
                ),
                _("Decide it by %(day)s.", day=day(until)),
            ],
        )

    def words_alone() -> Notice:
        told = words()
        told.paragraphs.append(_("Each of you had a part in it, so a further person is needed: invite a colleague."))
        return told

    action = Action.CLAIM_APPEAL if appeal.claim_id else Action.MEASUREMENT_APPEAL
    said = words_alone if alone else words
    notify(assessors_of(appeal.proof), action, appeal.proof, said, "verification.appeal", id=appeal.id)


def tell_late(appeal: Appeal, until: date) -> None:
    """Who decides and who appealed, on its page; the intermediary, which reads no claim, that there is one."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: appeal about %(number)s is late", **_values(appeal.proof)),
            [_("It should have been decided by %(day)s.", day=day(until)), _("The assessor decides it now.")],
        )

    def words_without_number() -> Notice:
        return Notice(
            _("%(bond)s: an appeal is late", bond=appeal.programme.title),
            [
                _("It should have been decided by %(day)s.", day=day(until)),
                _("Which effect it is about is for the parties to it alone. Ask the assessor when it decides."),
            ],
        )

    people = appeal.organisation.case_owners() if _about_person(appeal) else appeal.organisation.people()
    _tell(appeal, Action.APPEAL_REMIND, [*assessors_of(appeal.proof), *people], words)
    desk, bond = appeal.programme.people(Part.INTERMEDIARY), appeal.programme
    notify(desk, Action.APPEAL_REMIND, appeal, words_without_number, "verification.index", id=bond.id)


def _about_person(appeal: Appeal) -> bool:
    """Of a claim, in a municipality, only those who follow its residents."""
    return appeal.claim_id is not None and not appeal.by_provider


def tell_withdrawn(appeal: Appeal) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: appeal about %(number)s taken back", **_values(appeal.proof)),
            [_("There is nothing to decide any more.")],
        )

    _tell(appeal, Action.APPEAL_WITHDRAW, assessors_of(appeal.proof), words)


def tell_decided(appeal: Appeal) -> None:
    """Both sides: the provider of the effect and the municipality that pays for it."""

    def words() -> Notice:
        outcome = _("The appeal is upheld.") if appeal.state == "upheld" else _("The appeal is dismissed.")
        return Notice(
            _("%(bond)s: appeal about %(number)s decided", **_values(appeal.proof)),
            [outcome, _("The reasons stand on the page of the appeal.")],
        )

    _tell(appeal, Action.APPEAL_DECIDE, readers_of(appeal.proof), words)


def _tell(appeal: Appeal, action: Action, readers: Iterable[User], words: Any) -> None:
    notify(readers, action, appeal, words, "verification.appeal", id=appeal.id)


def _values(proof: Proof) -> dict[str, str]:
    return {"bond": proof.programme.title, "number": proof.number}
