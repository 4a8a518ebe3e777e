"""The pages of an evaluation are in several files; they share this."""

from flask import Blueprint, url_for

from app.calls.models import Call
from app.evaluation import notices

bp = Blueprint("evaluation", __name__)
bp.add_app_template_filter(notices.points, "points")


def home(call: Call) -> str:
    """The address of the evaluation of `call`."""
    return url_for("evaluation.show", id=call.id)
