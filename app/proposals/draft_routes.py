"""Writing the plan together, piece by piece. Saved while one types where the browser can; by the button everywhere."""

import base64
from typing import Any

from flask import Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls.asked import ItemKind
from app.consortia import vault
from app.consortia.models import Consortium
from app.core.web import done, page, refusals_on
from app.proposals import draft_operations, shown
from app.proposals.blueprint import bp
from app.proposals.draft_operations import plan_of
from app.proposals.forms import PieceForm, form_of
from app.proposals.pieces import Piece, find_piece, pieces_of


@bp.get("/consortia/<uuid:id>/proposal")
@requires(Action.PROPOSAL_DRAFT, Consortium)
def draft(consortium: Consortium) -> Any:
    """All pieces of the plan: what is written, by whom, and who is writing at this moment."""
    told, proposal = shown.draft(consortium), plan_of(consortium)
    told["lacks"] = shown.mended(told["lacks"], proposal, consortium)
    return page(
        "proposals/draft.html",
        consortium=consortium,
        call=consortium.call,
        proposal=proposal,
        slots=vault.slots_of(consortium),
        looks=_looks(),
        **told,
    )


@bp.route("/consortia/<uuid:id>/proposal/<key>", methods=["GET", "POST"])
@requires(Action.PROPOSAL_DRAFT, Consortium)
def write(consortium: Consortium, key: str) -> Any:
    piece = _piece(consortium, key)
    slot = vault.slot_of(consortium, piece.slot)
    stored, version = vault.read_slot(consortium, slot), slot.version if slot else vault.NOT_YET
    lines = shown.budget_now(consortium).lines if piece.kind == ItemKind.VOLUMES else []
    form = form_of(piece, consortium, lines, stored, version)
    is_saved = False
    if form.validate_on_submit():
        if _is_typing():
            is_saved = _save_while_typing(consortium, piece, form)
        else:
            with refusals_on(form):
                draft_operations.write_piece(
                    consortium, piece, form.value(), actor=current_user, version=form.version.data
                )
                told = _("“%(piece)s” is saved.", piece=piece.title)
                return _go_on(url_for("proposals.draft", id=consortium.id), told)
    return _shown_again(_page(consortium, piece, form, is_saved))


def _looks() -> int:
    """How often this page has looked up its moving part already."""
    return request.args.get("looks", 0, type=int)


def _piece(consortium: Consortium, key: str) -> Piece:
    piece = find_piece(consortium, key)
    if piece is None:
        abort(404)
    return piece


def _is_typing() -> bool:
    """The browser saves by itself; nobody pressed the button."""
    return "HX-Request" in request.headers and "done" not in request.form


def _save_while_typing(consortium: Consortium, piece: Piece, form: PieceForm) -> bool:
    read = form.version.data
    with refusals_on(form):
        slot = draft_operations.autosave_piece(consortium, piece, form.value(), actor=current_user, version=read)
        form.version.process_data(slot.version)
        return True
    form.version.process_data(read)  # by typing on nobody puts aside what another wrote: that takes the button
    return False


def _go_on(url: str, message: str) -> Any:
    """To the next page, also where the browser sent the form by itself."""
    answer = done(url, message)
    if "HX-Request" not in request.headers:
        return answer
    return make_response("", 200, {"HX-Redirect": url})


def _page(consortium: Consortium, piece: Piece, form: PieceForm, is_saved: bool) -> Response:
    pieces = pieces_of(consortium)
    here, slot = pieces.index(piece), vault.slot_of(consortium, piece.slot)
    return page(
        "proposals/write.html",
        form=form,
        consortium=consortium,
        call=consortium.call,
        piece=piece,
        before=pieces[here - 1] if here else None,
        after=pieces[here + 1] if here + 1 < len(pieces) else None,
        slot=slot,
        looks=_looks(),
        stored=vault.read_slot(consortium, slot) if piece.kind == ItemKind.FILE else None,
        is_saved=is_saved,
        is_typing=_is_typing(),
        meanwhile=shown.meanwhile(piece, consortium, form.value()) if form.refused_with == 409 else [],
        budget=shown.budget_now(consortium) if piece.is_priced else None,
        in_money=shown.in_money(consortium),
    )


def _shown_again(answer: Response) -> Response:
    """Of what the browser sent by itself it takes the line about saving; of what a person sent, the whole page."""
    if "HX-Request" in request.headers and request.method == "POST" and not _is_typing():
        answer.headers |= {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
    return answer


@bp.post("/consortia/<uuid:id>/proposal/<key>/writing")
@requires(Action.PROPOSAL_DRAFT, Consortium)
def mark(consortium: Consortium, key: str) -> Any:
    """ "I am writing this": the others see it for two minutes."""
    piece = _piece(consortium, key)
    draft_operations.mark_writing(consortium, piece, actor=current_user)
    return done(url_for("proposals.write", id=consortium.id, key=key))


@bp.get("/consortia/<uuid:id>/proposal/<key>/file")
@requires(Action.PROPOSAL_READ, Consortium)
def file(consortium: Consortium, key: str) -> Any:
    """The file that answers an item, for the consortium itself, as long as the plan is a draft."""
    piece = _piece(consortium, key)
    answer, data = vault.read(consortium, piece.slot), vault.read(consortium, f"file:{piece.key}")
    if piece.kind != ItemKind.FILE or answer is None or data is None:
        abort(404)
    named = {"Content-Disposition": f'attachment; filename="{answer["filename"]}"'}
    return Response(base64.b64decode(data), mimetype=answer["media_type"], headers=named)
