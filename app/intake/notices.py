"""Who is told of what. No code, no text about a person leaves the portal."""

from collections.abc import Callable, Iterable

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actions import Action
from app.access.roles import Role
from app.core.format import day
from app.intake.key_models import KeyAttestation, KeySample
from app.intake.models import Intake, Participant, Referral, View
from app.intake.recusals import not_recused
from app.notifications.notify import Notice, notify
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme


def tell_opened(intake: Intake) -> None:
    programme = intake.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the intake is open", bond=programme.title),
            [_("Municipalities can refer residents, providers can register participants.")],
        )

    readers = [*programme.people(Part.PROVIDER, Part.GOVERNMENT, Part.ASSESSOR), *intake.key_keeper.people()]
    notify(readers, Action.INTAKE_OPEN, programme, words, "intake.index", id=programme.id)


def tell_referred(referral: Referral) -> None:
    """The providers, who screen."""

    def words() -> Notice:
        values = {"bond": referral.programme.title, "municipality": referral.payer.name}
        return Notice(
            _("%(bond)s: a resident is referred", **values),
            [_("%(municipality)s refers a resident. The code stands in the list of referrals.", **values)],
        )

    readers = referral.programme.people(Part.PROVIDER)
    _tell(referral.programme, readers, Action.REFERRAL_MAKE, words, "intake.referrals")


def tell_declined(referral: Referral) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a referral is turned down", bond=referral.programme.title),
            [_("A referral of your municipality led to no start. The reason stands in the list of referrals.")],
        )

    _tell(referral.programme, referral.payer.case_owners(), Action.REFERRAL_DECLINE, words, "intake.referrals")


def tell_referral_withdrawn(referral: Referral) -> None:
    def words() -> Notice:
        values = {"bond": referral.programme.title, "municipality": referral.payer.name}
        return Notice(
            _("%(bond)s: a referral is withdrawn", **values), [_("%(municipality)s took a referral back.", **values)]
        )

    readers = referral.programme.people(Part.PROVIDER)
    _tell(referral.programme, readers, Action.REFERRAL_WITHDRAW, words, "intake.referrals")


def tell_registered(participant: Participant) -> None:
    """Case owners of the municipality, which pays for its residents."""

    def words() -> Notice:
        bond, start = participant.programme.title, day(participant.started_on)
        return Notice(
            _("%(bond)s: a resident takes part", bond=bond),
            [_("A participant from your municipality started on %(start)s.", start=start), *_late(participant)],
        )

    _tell(participant.programme, participant.payer.case_owners(), Action.PARTICIPANT_REGISTER, words)


def _late(participant: Participant) -> list[str]:
    if not participant.days_to_register:
        return []
    told = _("It was registered %(days)d days later. Why stands on its page.", days=participant.days_to_register)
    return [told]


def tell_registered_together(programme: Programme, municipality: Organisation, count: int, late: int) -> None:
    """Case owners of the municipality, once for all of a file; `late`: how many were registered long after they
    started."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: residents take part", bond=programme.title),
            [
                ngettext(
                    "%(num)d participant from your municipality was registered.",
                    "%(num)d participants from your municipality were registered.",
                    count,
                ),
                *([_late_together(late)] if late else []),
            ],
        )

    readers = municipality.case_owners()
    notify(readers, Action.PARTICIPANT_REGISTER, programme, words, "intake.participants", id=programme.id)


def _late_together(late: int) -> str:
    return ngettext(
        "%(num)d of them started more than 30 days before. Why it was registered only now stands on its page.",
        "%(num)d of them started more than 30 days before. Why they were registered only now stands on their pages.",
        late,
    )


def tell_exited(participant: Participant) -> None:
    def words() -> Notice:
        bond = participant.programme.title
        return Notice(
            _("%(bond)s: a resident left the programme", bond=bond),
            [_("A participant from your municipality left. Effects that still follow may be claimed.")],
        )

    _tell(participant.programme, participant.payer.case_owners(), Action.PARTICIPANT_EXIT, words)


def tell_moved(participant: Participant, before: Organisation) -> None:
    """Case owners of both municipalities, and the provider."""

    def words() -> Notice:
        values = {"before": before.name, "after": participant.payer.name}
        return Notice(
            _("%(bond)s: the municipality of a participant is corrected", bond=participant.programme.title),
            [
                _("%(after)s pays for this participant instead of %(before)s.", **values),
                _("The assessor corrected what was registered at intake."),
            ],
        )

    readers = [*before.case_owners(), *participant.payer.case_owners(), *participant.provider.people()]
    _tell(participant.programme, readers, Action.PARTICIPANT_MOVE, words)


def tell_attested(attestation: KeyAttestation) -> None:
    """The assessor, who may now draw codes to look up."""
    programme = attestation.intake.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: nobody is registered twice, says the key keeper", bond=programme.title),
            [_("%(name)s attested it. You can draw codes to look up.", name=attestation.organisation.name)],
        )

    _tell(programme, programme.people(Part.ASSESSOR), Action.KEY_ATTEST, words, "intake.index")


def tell_drawn(sample: KeySample) -> None:
    programme = sample.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the assessor drew codes to look up in the key", bond=programme.title),
            [_("Keep the key at hand: the assessor contacts you.")],
        )

    readers = sample.intake.key_keeper.people()
    notify(readers, Action.KEY_SAMPLE, programme, words, "intake.sample", id=sample.id)


def tell_checked(sample: KeySample) -> None:
    programme = sample.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the assessor looked up codes in the key", bond=programme.title),
            [_("What was found stands on the page of the sample.")],
        )

    readers = [*sample.intake.key_keeper.people(), *programme.people(Part.PROVIDER)]
    readers = [one for one in dict.fromkeys(readers) if sample.roles_of(one) & {Role.PROVIDER, Role.KEY_KEEPER}]
    notify(readers, Action.KEY_CHECK, programme, words, "intake.sample", id=sample.id)


def tell_view_given(view: View) -> None:
    """Whoever asked."""
    programme = view.participant.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a view is given", bond=programme.title),
            [_("Somebody answered the question that you sent.")],
        )

    readers = view.participant.provider.people()
    _tell(programme, readers, Action.VIEW_GIVE, words, "intake.list_views")


def tell_baseline_corrected(participant: Participant) -> None:
    """The assessor and the municipality."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the baseline of a participant is corrected", bond=participant.programme.title),
            [_("What was recorded before, and why the provider corrected it, stand on the page.")],
        )

    tell_of_person(participant, Action.BASELINE_CORRECT, words)


def tell_of_person(participant: Participant, action: Action, words: Callable[[], Notice]) -> None:
    """Who judges effects of this person, and the municipality where it lives; who left the case to others, is not."""
    assessors = not_recused(participant.programme.people(Part.ASSESSOR), participant.id)
    readers = [*assessors, *participant.payer.case_owners()]
    notify(readers, action, participant, words, "intake.participant", id=participant.id)


def _tell(programme: Programme, readers: Iterable[User], action: Action, words, endpoint="intake.participants") -> None:  # type: ignore[no-untyped-def]
    notify(readers, action, programme, words, endpoint, id=programme.id)
