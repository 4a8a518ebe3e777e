from flask_babel import gettext as _

from app.access.actions import Action
from app.consortia.models import Consortium, MailedInvitation, Partner
from app.core.format import moment
from app.notifications.notify import Notice, notify, path_for, write_to
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


def tell_withdrawn(consortium: Consortium, partner: Partner) -> None:
    """The organisation that was asked."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: an invitation was withdrawn", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s no longer asks %(organisation)s to join the consortium “%(consortium)s”.",
                    **_names(consortium, partner),
                )
            ],
        )

    readers = partner.organisation.people()
    notify(readers, Action.CONSORTIUM_WITHDRAW_INVITATION, consortium, words, "calls.show", id=consortium.call_id)


def _names(consortium: Consortium, partner: Partner) -> dict[str, str]:
    return {
        "lead": consortium.lead.name,
        "organisation": partner.organisation.name,
        "consortium": consortium.name,
    }


def tell_may_be_replaced(consortium: Consortium, partner: Partner) -> None:
    """The partner in whose place another was asked; it takes part until that one accepts."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: another was asked in your place", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s looks for another organisation in the place of %(organisation)s in the consortium "
                    "“%(consortium)s”.",
                    **_names(consortium, partner),
                ),
                _("Your organisation takes part until that one accepts, and hears it at that moment."),
            ],
        )

    readers = partner.organisation.people()
    notify(readers, Action.CONSORTIUM_INVITE, consortium, words, "consortia.show", id=consortium.id)


def tell_replaced(consortium: Consortium, partner: Partner, successor: Partner) -> None:
    """The partner that made place."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: your place in the consortium was taken over", bond=consortium.call.programme.title),
            [
                _(
                    "%(successor)s takes part in the consortium “%(consortium)s” in the place of %(organisation)s.",
                    successor=successor.organisation.name,
                    consortium=consortium.name,
                    organisation=partner.organisation.name,
                ),
                _("Your part of the plan is deleted. Your organisation may join another consortium."),
            ],
        )

    readers = partner.organisation.people()
    notify(readers, Action.CONSORTIUM_RELEASE, consortium, words, "calls.show", id=consortium.call_id)


def tell_released(consortium: Consortium, partner: Partner, reason: str) -> None:
    """Everybody in the consortium, the released organisation included, each with the reason."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a partner was released", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s goes on without %(organisation)s in the consortium “%(consortium)s”.",
                    **_names(consortium, partner),
                ),
                _("The reason: %(reason)s", reason=reason),
                _("Each remaining partner confirms the plan anew before it can be handed in."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_RELEASE, consortium, words, "calls.show", id=consortium.call_id)


def tell_lead_offered(consortium: Consortium, partner: Partner) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: will you lead the consortium?", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s asks %(organisation)s to lead the consortium “%(consortium)s” from now on.",
                    **_names(consortium, partner),
                ),
                _("The lead partner speaks for the others and hands in the plan. Nothing changes until you accept."),
            ],
        )

    readers = partner.organisation.people()
    notify(readers, Action.CONSORTIUM_OFFER_LEAD, consortium, words, "consortia.show", id=consortium.id)


def tell_lead_taken(consortium: Consortium, before: Organisation) -> None:
    """Everybody in the consortium."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the consortium has another lead partner", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s has taken over the lead of the consortium “%(consortium)s” from %(before)s.",
                    lead=consortium.lead.name,
                    consortium=consortium.name,
                    before=before.name,
                ),
                _("Each partner confirms the plan anew before it can be handed in."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_TAKE_LEAD, consortium, words, "consortia.show", id=consortium.id)


def tell_lapsed(consortium: Consortium) -> None:
    """Who takes part, and who was asked and did not answer in time."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: no plan was handed in", bond=consortium.call.programme.title),
            [
                _(
                    "The deadline passed on %(deadline)s and the consortium “%(consortium)s” has not handed in a plan: "
                    "it does not take part.",
                    deadline=moment(consortium.call.deadline),
                    consortium=consortium.name,
                ),
                _("Invitations that were not answered have lapsed."),
            ],
        )

    asked = [user for partner in consortium.invited for user in partner.organisation.people()]
    readers = [*consortium.people(), *asked]
    notify(readers, Action.CONSORTIUM_LAPSE, consortium, words, "consortia.show", id=consortium.id)


def tell_elsewhere(consortium: Consortium, partner: Partner) -> None:
    """Everybody in the consortium; which other one it is, is for nobody here to know."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a partner declares that it takes part twice", bond=consortium.call.programme.title),
            [
                _(
                    "%(organisation)s declares that it takes part in “%(consortium)s” and in another consortium for "
                    "the same call. The call allows this.",
                    organisation=partner.organisation.name,
                    consortium=consortium.name,
                ),
                _("Its part of the plan says how the two are kept apart. The committee sees it after the opening."),
            ],
        )

    notify(consortium.people(), Action.CONSORTIUM_ACCEPT, consortium, words, "consortia.show", id=consortium.id)


def mail_invitation(invitation: MailedInvitation, token: str, locale: str) -> None:
    """The only place where the token itself is written; the row in the database holds its digest."""
    consortium = invitation.consortium

    def words() -> Notice:
        return Notice(
            _("%(bond)s: invitation to a consortium", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s asks %(organisation)s to join the consortium “%(consortium)s”.",
                    lead=consortium.lead.name,
                    organisation=invitation.name,
                    consortium=consortium.name,
                ),
                _(
                    "The link tells what it is about. To join, your organisation registers on Bewezen; "
                    "refusing needs no account."
                ),
                _("Plans are due by %(deadline)s.", deadline=moment(consortium.call.deadline)),
            ],
        )

    path = path_for("consortia.claim", token=token)
    write_to(invitation.address, locale, Action.CONSORTIUM_INVITE_BY_MAIL, consortium, words, path)


def mail_withdrawal(invitation: MailedInvitation, locale: str) -> None:
    consortium = invitation.consortium

    def words() -> Notice:
        return Notice(
            _("%(bond)s: an invitation was withdrawn", bond=consortium.call.programme.title),
            [
                _(
                    "%(lead)s no longer asks %(organisation)s to join the consortium “%(consortium)s”.",
                    lead=consortium.lead.name,
                    organisation=invitation.name,
                    consortium=consortium.name,
                )
            ],
        )

    path = path_for("calls.show", id=consortium.call_id)
    write_to(invitation.address, locale, Action.CONSORTIUM_WITHDRAW_INVITATION, consortium, words, path)


def tell_refused(invitation: MailedInvitation) -> None:
    """The lead, who may look for another."""
    consortium = invitation.consortium

    def words() -> Notice:
        return Notice(
            _("%(bond)s: an invitation was declined", bond=consortium.call.programme.title),
            [
                _(
                    "%(organisation)s does not join the consortium “%(consortium)s”.",
                    organisation=invitation.name,
                    consortium=consortium.name,
                )
            ],
        )

    notify(consortium.lead.people(), Action.CONSORTIUM_REFUSE, consortium, words, "consortia.show", id=consortium.id)
