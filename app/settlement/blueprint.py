"""The pages of settlement are in several files; they share this."""

from flask import Blueprint

from app.settlement.reference import grouped

bp = Blueprint("settlement", __name__)
bp.add_app_template_filter(grouped)
