"""Told of more time after an outage: the officials while it is a proposal, everybody once it is confirmed."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.calls.extension_models import Extension
from app.calls.models import Duty, Rectification
from app.calls.notices import interested
from app.core.format import moment, second
from app.notifications.notify import Notice, notify
from app.people.models import User


def tell_proposed(extension: Extension) -> None:
    """A colleague must answer in time, and the openers wait."""
    call = extension.call

    def words() -> Notice:
        return Notice(
            _("%(bond)s: more time after an outage is proposed", bond=call.programme.title),
            [
                _outage(extension),
                _("Proposed deadline: %(deadline)s.", deadline=moment(extension.deadline)),
                _(
                    "Another official of the leading municipality confirms or refuses it before %(moment)s. Until then "
                    "no plan of the call “%(call)s” is opened; afterwards the proposal lapses.",
                    moment=moment(extension.lapses_at),
                    call=call.title,
                ),
            ],
        )

    notify(_officials(extension), Action.EXTENSION_PROPOSE, extension, words, "calls.show", id=call.id)


def tell_confirmed(extension: Extension, made: Rectification) -> None:
    call = extension.call

    def words() -> Notice:
        return Notice(
            _("%(bond)s: more time for plans after an outage", bond=call.programme.title),
            [
                _outage(extension),
                _("The cause: %(cause)s", cause=extension.cause),
                _("No plan was opened. The deadline is now %(deadline)s.", deadline=moment(made.deadline_after)),
            ],
        )

    readers = interested(call) + _officials(extension)
    notify(readers, Action.EXTENSION_CONFIRM, extension, words, "calls.show", id=call.id)


def tell_refused(extension: Extension) -> None:
    call = extension.call

    def words() -> Notice:
        return Notice(
            _("%(bond)s: no more time after the outage", bond=call.programme.title),
            [
                _outage(extension),
                _("The proposal for more time is refused: %(reason)s", reason=extension.refused_because),
                _("The deadline stays %(deadline)s.", deadline=moment(call.deadline)),
            ],
        )

    notify(_officials(extension), Action.EXTENSION_REFUSE, extension, words, "calls.show", id=call.id)


def tell_lapsed(extension: Extension) -> None:
    call = extension.call

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the proposal for more time has lapsed", bond=call.programme.title),
            [
                _outage(extension),
                _("Nobody confirmed or refused it in time. The deadline stays %(deadline)s.",
                  deadline=moment(call.deadline)),
            ],
        )  # fmt: skip

    notify(_officials(extension), Action.EXTENSION_LAPSE, extension, words, "calls.show", id=call.id)


def _outage(extension: Extension) -> str:
    began, ended = second(extension.began_at), second(extension.ended_at)
    return _("The portal could not be reached from %(began)s to %(ended)s.", began=began, ended=ended)


def _officials(extension: Extension) -> list[User]:
    """Who answers, and who waits to open."""
    openers = [member.user for member in extension.call.on_committee(Duty.OPENER)]
    return extension.call.programme.lead.people() + openers
