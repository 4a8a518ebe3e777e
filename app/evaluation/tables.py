"""Every table of the evaluation, so that its relationships find each other whichever is loaded first."""

from app.evaluation import (
    award_models,
    conflict_models,
    consensus_models,
    opening_models,
    proof_models,
    screening_models,
)

__all__ = [
    "award_models",
    "conflict_models",
    "consensus_models",
    "opening_models",
    "proof_models",
    "screening_models",
]
