from app.calls.legal import is_subsidy
from app.evaluation.models import OpenedProposal


def loses(plan: OpenedProposal) -> bool:
    """Is there something in the decision for this bidder to object to?"""
    return plan.rank != 1 or is_subsidy(plan.call)
