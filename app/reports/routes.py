from typing import Any

from flask import Blueprint, request

from app.access.actions import Action
from app.access.guard import requires
from app.core.paging import paged
from app.core.web import page
from app.programmes.models import Programme
from app.reports import queries

bp = Blueprint("reports", __name__)

GROUPS = sorted({str(action).split(".")[0] for action in Action})


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


@bp.get("/programmes/<uuid:id>/trail")
@requires(Action.TRAIL_READ, Programme)
def trail(programme: Programme) -> Any:
    """Every act on this bond, for the auditor."""
    group = request.args.get("group", "")
    group = group if group in GROUPS else ""
    found = paged(queries.trail_of(programme, group))
    return page("reports/trail.html", programme=programme, found=found, group=group, groups=GROUPS)
