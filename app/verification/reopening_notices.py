"""Who is told of what is reopened. Neither a figure nor a code of a person leaves the portal."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.outcomes.models import Claim
from app.people.models import User
from app.programmes.models import Part
from app.verification.appeal_models import Proof, sides_of
from app.verification.dependents import dependents_of
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
    return [one for one in proposal.programme.people(Part.ASSESSOR) if one.id != actor.id]


def tell_reopened(proof: Proof) -> None:
    """Both sides, and the intermediary that takes the money back: also which other effects go with it."""
    leaning = dependents_of(proof)

    def words() -> Notice:
        told = [
            _("The assessor found that an effect that was signed off does not count."),
            _(
                "What was paid for it is taken back in the next settlement. A settlement that holds it and is not "
                "approved yet must be discarded and prepared anew."
            ),
        ]
        if leaning.lost:
            told.append(
                _(
                    "These claims require it and are not paid any more either: %(numbers)s.",
                    numbers=_named(leaning.lost),
                )
            )
        if leaning.after:
            told.append(
                _(
                    "These claims came after it in a chain. They still count: %(numbers)s.",
                    numbers=_named(leaning.after),
                )
            )
        return Notice(_("%(bond)s: effect %(number)s is reopened", **_values(proof)), told)

    action = Action.CLAIM_REOPEN if isinstance(proof, Claim) else Action.MEASUREMENT_REOPEN
    page = "outcomes.show_claim" if isinstance(proof, Claim) else "outcomes.show_measurement"
    provider, payer = sides_of(proof)
    notify([*provider.people(), *payer.people()], action, proof, words, page, id=proof.id)
    desk = proof.programme.people(Part.INTERMEDIARY)
    notify(desk, action, proof, words, "settlement.index", id=proof.programme_id)


def _named(claims: list[Claim]) -> str:
    return ", ".join(one.number for one in claims)


def _values(proof: Proof) -> dict[str, str]:
    return {"bond": proof.programme.title, "number": proof.number}
