"""The pages of consortia are in several files; they share this."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, abort
from flask_login import current_user

from app.consortia.models import Consortium, MailedInvitation, Partner
from app.core.format import moment

bp = Blueprint("consortia", __name__)


def partner_or_404(consortium: Consortium, key: uuid.UUID) -> Partner:
    return next((p for p in consortium.partners if p.id == key), None) or abort(404)


def mailed_or_404(consortium: Consortium, key: uuid.UUID) -> MailedInvitation:
    return next((m for m in consortium.mailed if m.id == key), None) or abort(404)


def own_partner(consortium: Consortium) -> Partner | None:
    """The place of the reader's organisation among those that take part."""
    mine: Any = current_user.organisation_ids
    return next((p for p in consortium.taking_part if p.organisation_id in mine), None)


@bp.app_template_filter("iso_moment")
def iso_moment(text: str) -> str:
    """A moment that was kept as text, in the reader's own time and language."""
    return moment(datetime.fromisoformat(text)) if text else "–"
