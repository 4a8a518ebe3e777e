"""Told of keys: never a passphrase, and to bidders in words that do not say who has handed in."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from app.access.actions import Action
from app.calls.key_models import CallKey
from app.calls.models import Call, Duty
from app.calls.notices import bidders
from app.calls.states import Leaving
from app.core.format import moment
from app.notifications.notify import Notice, notify
from app.people.models import User


def tell_key_needed(call: Call, people: Iterable[User]) -> None:
    """Officials who are named to open and have no key yet."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: make your opening key", bond=call.programme.title),
            [
                _("You are named to open the plans of the call “%(call)s”, with a second official.", call=call.title),
                _("The portal shows you a passphrase once. Keep it yourself until %(day)s; nobody can find it again.",
                  day=moment(call.deadline)),
            ],
        )  # fmt: skip

    notify(people, Action.OPENING_KEY_MAKE, call, words, "calls.show", id=call.id)


def tell_proposed(call: Call, leaving: User, taking: User, reason: Leaving, actor: User) -> None:
    """The colleagues who answer, and the official whom it is about."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: it is proposed to replace an official who opens", bond=call.programme.title),
            [
                _(
                    "%(actor)s proposes to retire the opening key of %(leaving)s: %(reason)s. %(taking)s would make a "
                    "new one.",
                    actor=actor.name,
                    leaving=leaving.name,
                    reason=reason.label,
                    taking=taking.name,
                ),
                _("Nothing changes until another official of the leading municipality confirms it."),
            ],
        )

    readers = [user for user in [*call.programme.lead.people(), leaving] if user.id != actor.id]
    notify(readers, Action.OPENER_PROPOSE, call, words, "calls.show", id=call.id)


def tell_kept(call: Call, staying: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: who opens the plans stays as it is", bond=call.programme.title),
            [_("The proposal to replace %(name)s is refused. The opening key still opens.", name=staying.name)],
        )

    readers = [*call.programme.lead.people(), staying]
    notify(readers, Action.OPENER_KEEP, call, words, "calls.show", id=call.id)


def tell_replaced(call: Call, leaving: User, taking: User, reason: Leaving) -> None:
    """Whoever takes the place makes a key; the other officials know with whom they open."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: who opens the plans changed", bond=call.programme.title),
            [
                _(
                    "The opening key of %(leaving)s is retired: %(reason)s. %(taking)s makes a new one.",
                    leaving=leaving.name,
                    reason=reason.label,
                    taking=taking.name,
                ),
            ],
        )

    others = [member.user for member in call.on_committee(Duty.OPENER) if member.user_id != taking.id]
    readers = [*others, leaving, *call.programme.lead.people()]
    notify([user for user in readers if user.id != taking.id], Action.OPENER_REPLACE, call, words, "calls.show",
           id=call.id)  # fmt: skip
    tell_key_needed(call, [taking])


def tell_retired(call: Call, lost: Sequence[CallKey]) -> None:
    """Everybody who follows or takes part, at once, so that nobody learns who has handed in. `lost`: the generations
    of keys that two officials cannot open any more."""

    def words() -> Notice:
        title = _("%(bond)s: an official who opens the plans is replaced", bond=call.programme.title)
        said = [_("An opening key for “%(call)s” is retired, and a new one is asked for.", call=call.title)]
        if not lost:
            return Notice(title, [*said, _("Plans that were handed in still open with two of the other officials.")])
        until = max(key.superseded_at for key in lost)
        return Notice(
            title,
            [
                *said,
                _(
                    "A plan that was last sealed before %(moment)s will not open unless its consortium seals it anew, "
                    "with its passphrase. The page of the plan says whether yours is one of them.",
                    moment=moment(until),
                ),
            ],
        )

    notify([*call.followers(), *bidders(call)], Action.OPENER_REPLACE, call, words, "calls.show", id=call.id)


def tell_renewed(call: Call) -> None:
    """Everybody who follows or takes part, so that nobody learns who has handed in."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: plans are sealed to other officials", bond=call.programme.title),
            [
                _("One of the officials who open the plans for “%(call)s” was replaced.", call=call.title),
                _(
                    "Whoever has handed in already can seal the same plan anew with the passphrase of the consortium. "
                    "A plan that is not sealed anew still opens as long as two of the earlier officials are left."
                ),
            ],
        )

    notify([*call.followers(), *bidders(call)], Action.OPENER_REPLACE, call, words, "calls.show", id=call.id)
