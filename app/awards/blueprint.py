"""The pages of an award are in several files; they share this."""

from flask import Blueprint, url_for

from app.awards import terms
from app.evaluation.models import Evaluation

__all__ = ["bp", "decision_of", "terms"]  # the terms of a decision stand with those of the call

bp = Blueprint("awards", __name__)


def decision_of(evaluation: Evaluation) -> str:
    """The address of the award decision."""
    return url_for("awards.decision", id=evaluation.id)
