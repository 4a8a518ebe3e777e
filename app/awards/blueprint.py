"""The pages of an award are in several files; they share this."""

from flask import Blueprint, url_for

from app.evaluation.models import Evaluation

bp = Blueprint("awards", __name__)


def decision_of(evaluation: Evaluation) -> str:
    """The address of the award decision."""
    return url_for("awards.decision", id=evaluation.id)
