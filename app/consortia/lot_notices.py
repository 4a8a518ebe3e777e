"""Told to whoever bids for a lot that a rectification changed, and to whoever is asked to."""

from collections.abc import Callable

from flask_babel import gettext as _

from app.access.actions import Action
from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.notifications.notify import Notice, notify


def tell_lot_gone(consortium: Consortium, lot: str, *, choose: bool) -> None:
    """`choose`: are there other lots? Otherwise the call is undivided from now on."""

    def words() -> Notice:
        gone = _("The lot “%(lot)s” of the consortium “%(consortium)s” is asked no more.", lot=lot,
                 consortium=consortium.name)  # fmt: skip
        then = _("The lead partner chooses another lot, or your organisation leaves the consortium.")
        if not choose:
            then = _("The call is undivided now: your plan would be for all participants of the bond.")
        return Notice(_title(consortium), [gone, then, _what_becomes_of_the_plan(consortium, stays=False)])

    _tell(consortium, words)


def tell_lot_changed(consortium: Consortium, lot: str) -> None:
    def words() -> Notice:
        changed = _("The lot “%(lot)s” of the consortium “%(consortium)s” is for other participants or municipalities "
                    "now.", lot=lot, consortium=consortium.name)  # fmt: skip
        then = _("The lead partner may keep it or choose another lot; your organisation may leave the consortium.")
        return Notice(_title(consortium), [changed, then, _what_becomes_of_the_plan(consortium, stays=True)])

    _tell(consortium, words)


def tell_divided(consortium: Consortium) -> None:
    def words() -> Notice:
        divided = _("The call is in lots now. The lead partner of “%(consortium)s” chooses the lot that your plan is "
                    "for.", consortium=consortium.name)  # fmt: skip
        return Notice(_title(consortium), [divided, _what_becomes_of_the_plan(consortium, stays=False)])

    _tell(consortium, words)


def _title(consortium: Consortium) -> str:
    return _("%(bond)s: the lot of your consortium changed", bond=consortium.call.programme.title)


def _what_becomes_of_the_plan(consortium: Consortium, *, stays: bool) -> str:
    """`stays`: is a plan that was handed in opened, when nobody does anything?"""
    if consortium.state == ConsortiumState.FORMING:
        return _("Each partner confirms the plan anew before it can be handed in.")
    if stays:
        return _("Your plan was handed in and stays as it is; until the deadline you can withdraw it and hand it in "
                 "anew.")  # fmt: skip
    return _("Your plan was handed in for what is no longer asked, so it is not opened. Withdraw it before the "
             "deadline, and hand it in anew for what is asked now.")  # fmt: skip


def _tell(consortium: Consortium, words: Callable[[], Notice]) -> None:
    asked = [user for partner in consortium.invited for user in partner.organisation.people()]
    notify(consortium.people() + asked, Action.CALL_RECTIFY, consortium, words, "consortia.show", id=consortium.id)


def tell_lot_chosen(consortium: Consortium) -> None:
    """Everybody who takes part: the lead chose again."""
    lot = consortium.lot.name if consortium.lot else ""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: your consortium chose another lot", bond=consortium.call.programme.title),
            [
                _("“%(consortium)s” bids for the lot “%(lot)s” from now on.", consortium=consortium.name, lot=lot),
                _("Each partner confirms the plan for this lot before it can be handed in."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_EDIT, consortium, words, "consortia.show", id=consortium.id)
