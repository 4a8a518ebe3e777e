"""Who is told of what. Neither a figure nor a code of a person leaves the portal."""

import uuid
from collections.abc import Collection

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.outcomes.models import Batch, Claim
from app.people.models import User
from app.programmes.models import Part, Programme
from app.verification.appeal_models import assessors_of
from app.verification.models import Docket

PUBLISHED_TO = (Part.PROVIDER, Part.GOVERNMENT, Part.INTERMEDIARY, Part.AUDITOR, Part.ASSESSOR)


def tell_locked(docket: Docket) -> None:
    """Before the seed exists, so that everybody can see later that the list did not change."""

    def words() -> Notice:
        values = {"bond": docket.programme.title, "number": docket.number}
        return Notice(
            _("%(bond)s: batch %(number)d is locked", **values),
            [_("The fingerprint (SHA-256) of its list is %(digest)s.", digest=docket.list_digest)],
        )

    _tell(docket, Action.DOCKET_LOCK, words)


def tell_drawn(docket: Docket) -> None:
    def words() -> Notice:
        values = {"bond": docket.programme.title, "number": docket.number}
        return Notice(
            _("%(bond)s: the sample of batch %(number)d is drawn", **values)
            if docket.draws_some
            else _("%(bond)s: every claim of batch %(number)d is judged", **values),
            [
                _("The seed is %(seed)s.", seed=docket.seed),
                _("It was drawn after the list with the fingerprint %(digest)s was locked.", digest=docket.list_digest),
            ],
        )

    _tell(docket, Action.DOCKET_DRAW, words)


def tell_concluded(docket: Docket) -> None:
    """Provider and assessor, who read the claims; the others hear of the sign-off."""

    def words() -> Notice:
        values = {"bond": docket.programme.title, "number": docket.number}
        return Notice(
            _("%(bond)s: findings about batch %(number)d", **values),
            [_("What the claims of the batch show stands on its page.")],
        )

    readers = docket.programme.people(Part.PROVIDER, Part.ASSESSOR)
    notify(readers, Action.DOCKET_CONCLUDE, docket, words, "verification.docket", id=docket.id)


def _tell(docket: Docket, action: Action, words) -> None:  # type: ignore[no-untyped-def]
    readers = docket.programme.people(*PUBLISHED_TO)
    notify(readers, action, docket, words, "verification.docket", id=docket.id)


def tell_recused(programme: Programme, actor: User) -> None:
    """The colleagues of the assessor who left a case to them."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a case for a colleague", bond=programme.title),
            [_("%(name)s has a conflict of interest and leaves a case to you.", name=actor.name)],
        )

    colleagues = [one for one in programme.people(Part.ASSESSOR) if one.id != actor.id]
    notify(colleagues, Action.CLAIM_RECUSE, programme, words, "verification.work", id=programme.id)


def tell_set_aside(claim: Claim) -> None:
    """The provider; the reason stands on the page of the claim alone."""

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: claim %(number)s is set aside", **values),
            [
                _("Without an answer to its question the assessor left it out of the batch. Its page says why."),
                _("Answer it: a later batch takes it then."),
            ],
        )

    readers = claim.participant.provider.people()
    notify(readers, Action.CLAIM_SET_ASIDE, claim, words, "outcomes.show_claim", id=claim.id)


def tell_differ(claim: Claim, judged: Collection[uuid.UUID]) -> None:
    """Who decides when two assessors differ: anybody of the assessor who did not judge the claim yet."""

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: a third opinion about claim %(number)s", **values),
            [_("Two colleagues judged it differently. Your judgement decides.")],
        )

    colleagues = [one for one in assessors_of(claim) if one.id not in judged]
    notify(colleagues, Action.CLAIM_JUDGE, claim, words, "verification.judge", id=claim.id)


def tell_signed_off(batch: Batch) -> None:
    """Provider, intermediary and governments; without figures, which may be small."""
    programme = batch.programme

    def words() -> Notice:
        values = {"bond": programme.title, "number": batch.number}
        return Notice(
            _("%(bond)s: effects signed off (%(number)d)", **values),
            [
                _("%(assessor)s signed for the effects it verified.", assessor=batch.organisation.name),
                _("The intermediary can settle them now."),
            ],
        )

    readers = programme.people(Part.PROVIDER, Part.INTERMEDIARY, Part.GOVERNMENT)
    notify(readers, Action.BATCH_SIGN_OFF, batch, words, "verification.batch", id=batch.id)
