from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import NotNow
from app.core.paging import paged
from app.core.web import page
from app.evaluation.models import Evaluation
from app.extensions import db
from app.programmes.models import Programme
from app.reports import call_file, queries
from app.reports import trail as trails

bp = Blueprint("reports", __name__)


@bp.get("/results")
@requires(Action.PROGRAMME_LIST)
def index() -> Any:
    """All approved bonds with what they brought so far."""
    found = paged(queries.public_programmes(), entities=True)
    ids = [programme.id for programme in found.rows]
    return page(
        "reports/index.html",
        found=found,
        headlines=queries.headlines(ids),
    )


@bp.get("/programmes/<uuid:id>/results")
@requires(Action.RESULTS_READ, Programme)
def results(programme: Programme) -> Any:
    """Promised, happened, paid, may still be paid: the page for council and public."""
    return page("reports/results.html", programme=programme, results=queries.results_of(programme))


@bp.get("/evaluations/<uuid:id>/file.zip")
@requires(Action.CALL_EXPORT, Evaluation)
def export_call(evaluation: Evaluation) -> Any:
    """The file of a call, once its award is final: everything that a judge or an auditor may ask for."""
    if evaluation.finalised_at is None:
        raise NotNow(_("The file is complete when the award is final."))
    headers = {"Content-Disposition": 'attachment; filename="call-file.zip"'}
    return Response(call_file.archive_of(evaluation), mimetype="application/zip", headers=headers)


@bp.get("/programmes/<uuid:id>/trail")
@requires(Action.TRAIL_READ, Programme)
def trail(programme: Programme) -> Any:
    """Every act on this bond, for the auditor."""
    asked = trails.asked_for(request.args)
    return page(
        "reports/trail.html",
        programme=programme,
        found=paged(trails.trail_of(programme, asked)),
        asked=asked,
        nouns=sorted(trails.NOUNS.items(), key=lambda noun: str(noun[1])),
        labels=trails.LABELS,
        actors=trails.actors_in(programme),
    )


@bp.get("/programmes/<uuid:id>/trail.csv")
@requires(Action.TRAIL_READ, Programme)
def export_trail(programme: Programme) -> Any:
    """What the filter shows, whole, for the auditor's own tools."""
    found = db.session.execute(trails.trail_of(programme, trails.asked_for(request.args))).all()
    headers = {"Content-Disposition": 'attachment; filename="trail.csv"'}
    return Response("".join(trails.as_csv(found)), mimetype="text/csv", headers=headers)
