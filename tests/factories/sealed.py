"""Plans that were handed in past every check, sealed as the pages seal them, with the receipt in the trail."""

from datetime import datetime

from app.access.actions import Action
from app.access.record import record
from app.calls.key_operations import cost
from app.consortia import vault
from app.consortia.states import ConsortiumState
from app.core.operation import operation
from app.people.models import User
from app.proposals import envelope
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.proposals.submit_operations import receipt, seal_up
from tests.factories.keys import passphrase_of


@operation
def hand_in(proposal: Proposal, at: datetime, *, actor: User) -> None:
    """What the vault of the consortium holds, under the passphrase of this very proposal (`passphrase_of`)."""
    seal_up(proposal, envelope.make_copy_key(passphrase_of(proposal), cost(), proposal.id))
    vault.destroy(proposal.consortium)
    proposal.state, proposal.submitted_at, proposal.submitted_by_id = ProposalState.SUBMITTED, at, actor.id
    proposal.consortium.state = ConsortiumState.SUBMITTED
    record(Action.PROPOSAL_SUBMIT, proposal, actor, at=at, **receipt(proposal))
