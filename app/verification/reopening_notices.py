"""Who is told of what is reopened. Neither a figure nor a code of a person leaves the portal."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.outcomes.models import Claim
from app.people.models import User
from app.programmes.models import Part
from app.verification.appeal_models import Proof, assessors_of, readers_of
from app.verification.dependents import Dependents, dependents_of
from app.verification.paid import money_words
from app.verification.reopening_models import ReopeningProposal


def tell_proposed(proposal: ReopeningProposal) -> None:
    """The colleagues of whoever proposed it; nobody else before it is confirmed, for it may prove to be nothing."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: confirm the reopening of %(number)s", **_values(proposal.proof)),
            [
                _(
                    "%(name)s found that an effect that was signed off does not count. A second person confirms it.",
                    name=proposal.proposed_by.name,
                ),
                _("Until then it counts as before, and nobody outside your organisation is told."),
            ],
        )

    others = _others(proposal, proposal.proposed_by)
    notify(others, Action.REOPENING_PROPOSE, proposal, words, "verification.confirm_reopening", id=proposal.id)


def tell_withdrawn(proposal: ReopeningProposal, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: the reopening of %(number)s is taken back", **_values(proposal.proof)),
            [_("%(name)s took the proposal back. The effect counts as before.", name=actor.name)],
        )

    page = "outcomes.show_claim" if isinstance(proposal.proof, Claim) else "outcomes.show_measurement"
    others = _others(proposal, actor)
    notify(others, Action.REOPENING_WITHDRAW, proposal, words, page, id=proposal.proof.id)


def _others(proposal: ReopeningProposal, actor: User) -> list[User]:
    return [one for one in assessors_of(proposal.proof) if one.id != actor.id]


def tell_reopened(proof: Proof) -> None:
    """Both sides, also which other effects go with it; and the intermediary that takes the money back."""
    leaning = dependents_of(proof)

    def words() -> Notice:
        told = [_found(), money_words(proof), *_signed_words(leaning.signed()), *_unsigned_words(leaning.unsigned())]
        return Notice(_("%(bond)s: effect %(number)s is reopened", **_values(proof)), told)

    is_claim = isinstance(proof, Claim)
    action = Action.CLAIM_REOPEN if is_claim else Action.MEASUREMENT_REOPEN
    page = "outcomes.show_claim" if is_claim else "outcomes.show_measurement"
    notify(readers_of(proof), action, proof, words, page, id=proof.id)
    desk = proof.programme.people(Part.INTERMEDIARY)
    notify(desk, action, proof, lambda: _desk_words(proof, leaning.signed()), "settlement.index", id=proof.programme_id)


def _found() -> str:
    return _("The assessor found that an effect that was signed off does not count.")


def _signed_words(leaning: Dependents) -> list[str]:
    told = []
    if leaning.lost:
        numbers = _named(leaning.lost)
        told.append(_("These claims require it and are not paid any more either: %(numbers)s.", numbers=numbers))
    if leaning.after:
        numbers = _named(leaning.after)
        told.append(_("These claims came after it in a chain. They still count: %(numbers)s.", numbers=numbers))
    return told


def _unsigned_words(leaning: Dependents) -> list[str]:
    """Of what the assessor has not signed for, nobody is told that it counts."""
    told = []
    if leaning.lost:
        numbers = _named(leaning.lost)
        told.append(_("These claims require it and wait until it is proven again: %(numbers)s.", numbers=numbers))
    if leaning.after:
        numbers = _named(leaning.after)
        told.append(
            _(
                "These claims came after it in a chain. They are not signed off, and count only once they are: "
                "%(numbers)s.",
                numbers=numbers,
            )
        )
    return told


def _desk_words(proof: Proof, leaning: Dependents) -> Notice:
    """The intermediary reads no rows, so no number of a claim (domain, section 9)."""
    told = [_found(), money_words(proof, desk=True)]
    if leaning.lost:
        told.append(_("Effects that require it are not paid any more either."))
    if leaning.after:
        told.append(_("Effects that came after it in a chain still count."))
    if isinstance(proof, Claim):
        return Notice(_("%(bond)s: an effect that was signed off is reopened", bond=proof.programme.title), told)
    return Notice(_("%(bond)s: effect %(number)s is reopened", **_values(proof)), told)


def _named(claims: list[Claim]) -> str:
    return ", ".join(one.number for one in claims)


def _values(proof: Proof) -> dict[str, str]:
    return {"bond": proof.programme.title, "number": proof.number}
