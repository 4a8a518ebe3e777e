"""Who is told of a first signature. The other people of the assessor, since nobody else has a part in it yet; to
counter-sign those are asked who may."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.verification.statement_models import PreparedSignature


def tell_prepared(prepared: PreparedSignature, others: Sequence[User]) -> None:
    """`others` may counter-sign; where there is nobody, all colleagues hear that a further person is needed."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a statement waits for your counter-signature", bond=prepared.programme.title),
            [
                _("%(name)s signed for a list of decided claims and measurements.", name=prepared.signed_by.name),
                _("The agreement asks for a second signature. Nothing counts before that."),
            ],
        )

    def words_alone() -> Notice:
        told = words()
        told.paragraphs.append(_("Each of you left a case on it to others, so a further person is needed: invite one."))
        return told

    if others:
        notify(others, Action.BATCH_PREPARE, prepared, words, "verification.counter_sign", id=prepared.id)
        return
    colleagues, bond = _others(prepared, prepared.signed_by), prepared.programme_id
    notify(colleagues, Action.BATCH_PREPARE, prepared, words_alone, "verification.sign_off", id=bond)


def tell_withdrawn(prepared: PreparedSignature, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a signature was withdrawn", bond=prepared.programme.title),
            [
                _("%(name)s withdrew the first signature. The list can be signed anew.", name=actor.name),
            ],
        )

    others = _others(prepared, actor)
    notify(others, Action.BATCH_WITHDRAW, prepared, words, "verification.sign_off", id=prepared.programme_id)


def _others(prepared: PreparedSignature, actor: User) -> list[User]:
    return [one for one in prepared.programme.people(Part.ASSESSOR) if one.id != actor.id]
