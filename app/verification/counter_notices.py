"""Who is told of a first signature. The other people of the assessor, since nobody else has a part in it yet."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.verification.statement_models import PreparedSignature


def tell_prepared(prepared: PreparedSignature) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a statement waits for your counter-signature", bond=prepared.programme.title),
            [
                _("%(name)s signed for a list of decided claims and measurements.", name=prepared.signed_by.name),
                _("The agreement asks for a second signature. Nothing counts before that."),
            ],
        )

    others = _others(prepared, prepared.signed_by)
    notify(others, Action.BATCH_PREPARE, prepared, words, "verification.counter_sign", id=prepared.id)


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
