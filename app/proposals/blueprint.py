"""The pages of a plan are in two files; they share this."""

from flask import Blueprint

bp = Blueprint("proposals", __name__)
