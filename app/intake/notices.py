"""Who is told of what. No code, no text about a person leaves the portal."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.core.format import day
from app.intake.models import Participant
from app.notifications.notify import Notice, notify


def tell_registered(participant: Participant) -> None:
    """The municipality, which pays for its residents."""

    def words() -> Notice:
        bond, start = participant.programme.title, day(participant.started_on)
        return Notice(
            _("%(bond)s: a resident takes part", bond=bond),
            [_("A participant from your municipality started on %(start)s.", start=start)],
        )

    programme = participant.programme
    readers = participant.payer.people()
    notify(readers, Action.PARTICIPANT_REGISTER, programme, words, "intake.participants", id=programme.id)


def tell_exited(participant: Participant) -> None:
    def words() -> Notice:
        bond = participant.programme.title
        return Notice(
            _("%(bond)s: a resident left the programme", bond=bond),
            [_("A participant from your municipality left. Effects that still follow may be claimed.")],
        )

    programme = participant.programme
    readers = participant.payer.people()
    notify(readers, Action.PARTICIPANT_EXIT, programme, words, "intake.participants", id=programme.id)
