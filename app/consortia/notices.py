from flask_babel import gettext as _

from app.access.actions import Action
from app.consortia.models import Consortium, Partner
from app.core.format import moment
from app.notifications.notify import Notice, notify
from app.people.models import Organisation


def tell_invited(consortium: Consortium, organisation: Organisation) -> None:
    """The people of the organisation that is asked; nobody else."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: invitation to a consortium", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s asks %(organisation)s to join the consortium “%(consortium)s”.",
                    lead=consortium.lead.name,
                    organisation=organisation.name,
                    consortium=consortium.name,
                ),
                _("Plans are due by %(deadline)s.", deadline=moment(consortium.call.deadline)),
            ],
        )

    notify(organisation.people(), Action.CONSORTIUM_INVITE, consortium, words, "consortia.show", id=consortium.id)


def tell_accepted(consortium: Consortium, partner: Partner) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a partner joined the consortium", bond=consortium.call.programme.title),
            [_joined(consortium, partner)],
        )

    notify(consortium.people(), Action.CONSORTIUM_ACCEPT, consortium, words, "consortia.show", id=consortium.id)


def _joined(consortium: Consortium, partner: Partner) -> str:
    return _(
        "%(organisation)s takes part in the consortium “%(consortium)s” from now on.",
        organisation=partner.organisation.name,
        consortium=consortium.name,
    )


def tell_declined(consortium: Consortium, partner: Partner) -> None:
    """The lead, who may look for another."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: an invitation was declined", bond=consortium.call.programme.title),
            [
                _(
                    "%(organisation)s does not join the consortium “%(consortium)s”.",
                    organisation=partner.organisation.name,
                    consortium=consortium.name,
                )
            ],
        )

    notify(consortium.lead.people(), Action.CONSORTIUM_DECLINE, consortium, words, "consortia.show", id=consortium.id)


def tell_left(consortium: Consortium, partner: Partner) -> None:
    """Everybody in the consortium, the leaving organisation included."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a partner left the consortium", bond=consortium.call.programme.title),
            [
                _(
                    "%(organisation)s has left the consortium “%(consortium)s”.",
                    organisation=partner.organisation.name,
                    consortium=consortium.name,
                ),
                _("Each remaining partner confirms the plan anew before it can be handed in."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_LEAVE, consortium, words, "calls.show", id=consortium.call_id)


def tell_part_changed(consortium: Consortium, partner: Partner) -> None:
    """Everybody in the consortium: whoever had confirmed the plan is asked again."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a partner changed its part of the work", bond=consortium.call.programme.title),
            [
                _(
                    "%(organisation)s says anew what it does in the consortium “%(consortium)s”.",
                    organisation=partner.organisation.name,
                    consortium=consortium.name,
                ),
                _("Each partner confirms the plan anew before it can be handed in."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_EDIT_PART, consortium, words, "consortia.show", id=consortium.id)
