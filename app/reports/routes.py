import uuid
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.awards.record import ended_at, kept_until
from app.calls.models import Call
from app.core import clock, progress
from app.core.errors import NotYours
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, expect_now, page, refusals_on
from app.evaluation.models import Evaluation
from app.extensions import db
from app.ledger.checking import invariants_of_bonds
from app.ledger.hours import number_of_transfers
from app.people.models import User
from app.programmes.models import Programme
from app.reports import asking, call_file, checking, operations, queries, rules
from app.reports import books as books_asked
from app.reports import trail as trails
from app.reports.forms import CheckFileForm
from app.treasury.journal import END

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
        judged=queries.judged_by(current_user, ids),
    )


@bp.get("/programmes/<uuid:id>/results")
@requires(Action.RESULTS_READ, Programme)
def results(programme: Programme) -> Any:
    """Promised, happened, paid, may still be paid: the page for council and public."""
    judges = bool(queries.judged_by(current_user, [programme.id]))
    found = queries.results_of(programme)
    return page("reports/results.html", programme=programme, results=found, judges=judges, today=clock.today())


@bp.get("/calls/<uuid:id>/file")
@requires(Action.CALL_EXPORT, Call)
def kept_file(call: Call) -> Any:
    """The file of a call that has ended: until when it is kept, and who took it when."""
    evaluation = _to_export(call)
    until = call_file.expect_ended(evaluation, kept_until(evaluation))
    return page(
        "reports/kept_file.html",
        call=call,
        ended_at=ended_at(evaluation),
        kept_until=until,
        exports=checking.exports_of(call.id),
    )


def _to_export(call: Call) -> Evaluation:
    """A conflict of interest takes the right to the file away, as to everything else of this call. Where plans were
    opened and nothing was awarded, it is for those alone who declared that they have none."""
    evaluation = Evaluation.of(call)
    judged = call.plans_opened_at is not None and evaluation.finalised_at is None
    if not all(may(one, evaluation, current_user) for one in (Action.CALL_EXPORT, *judged * (Action.SCORES_READ,))):
        raise NotYours(_("Your part in this bond does not allow this."))
    return evaluation


@bp.get("/calls/<uuid:id>/file.zip")
@requires(Action.CALL_EXPORT, Call)
def export_call(call: Call) -> Any:
    """Everything that a judge or an auditor may ask for; the portal keeps by what it knows it again."""
    evaluation = _to_export(call)
    call_file.expect_ended(evaluation, kept_until(evaluation))
    archive = call_file.archive_of(evaluation)
    operations.export_call(evaluation, archive, actor=current_user)
    headers = {"Content-Disposition": 'attachment; filename="call-file.zip"'}
    return Response(archive, mimetype="application/zip", headers=headers)


@bp.route("/call-files/check", methods=["GET", "POST"])
@requires(Action.CALL_CHECK)
def check_file() -> Any:
    """Is an archive that somebody shows the file of a call as it left the portal? Nothing of it is kept."""
    form, checked = CheckFileForm(), None
    if form.validate_on_submit():
        upload = form.archive.data
        checked = checking.check_archive(upload.read()) if upload else checking.check_digest(form.sha256.data)
    return page("reports/check_file.html", form=form, checked=checked)


bp.add_app_template_global(rules.in_words, "rule_in_words")


@bp.get("/books")
@requires(Action.BOOKS_READ)
def books() -> Any:
    """What the books of all bonds answered, night by night; and those of the own bonds when somebody asked them."""
    bonds = paged(asking.bonds_watched_by(current_user), size=20, entities=True, key="bonds")
    return page(
        "reports/books.html",
        found=paged(books_asked.nights(), entities=True),
        bonds=bonds,
        answers=asking.answers([bond.id for bond in bonds.rows]),
    )


@bp.route("/programmes/<uuid:id>/books/ask", methods=["GET", "POST"])
@requires(Action.BOOKS_ASK, Programme)
def ask_books(programme: Programme) -> Any:
    """Of many transfers beside this request, of few in it."""
    form, asked = ConfirmForm(), len(invariants_of_bonds())
    expect_now(form, asking.why_wait(programme))
    if form.validate_on_submit():
        with refusals_on(form):
            if number_of_transfers(programme.id, None, END) >= progress.LARGE:
                return _ask_beside(programme, form.once.data or uuid.uuid4(), asked)
            asking.ask(programme, actor=current_user)
            return done(url_for("reports.books"), _("The books were asked."))
    return page("reports/ask_books.html", form=form, programme=programme, rules=asked)


def _ask_beside(programme: Programme, once: uuid.UUID, asked: int) -> Any:
    bond, person = programme.id, current_user.id
    progress.start(
        once,
        asked,
        lambda tell: asking.ask(db.session.get_one(Programme, bond), actor=db.session.get_one(User, person), tell=tell),
    )
    return redirect(url_for("reports.follow_asking", id=bond, other=once), 303)


@bp.get("/programmes/<uuid:id>/books/asking/<uuid:other>")
@requires(Action.BOOKS_ASK, Programme)
def follow_asking(programme: Programme, other: uuid.UUID) -> Any:
    """How far it is; once it is done, the answer."""
    found = progress.how_far(other)
    if found is None:
        return done(url_for("reports.books"))
    return progress.follow("reports/follow_asking.html", found, programme=programme)


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
        facts_of=trails.facts_of,
        actors=trails.actors_in(programme),
    )


@bp.get("/programmes/<uuid:id>/trail.csv")
@requires(Action.TRAIL_READ, Programme)
def export_trail(programme: Programme) -> Any:
    """What the filter shows, whole, for the auditor's own tools."""
    found = db.session.execute(trails.trail_of(programme, trails.asked_for(request.args))).all()
    headers = {"Content-Disposition": 'attachment; filename="trail.csv"'}
    return Response("".join(trails.as_csv(found)), mimetype="text/csv", headers=headers)
