"""The pages of calls are in several files; they share this."""

from flask import Blueprint

bp = Blueprint("calls", __name__)
