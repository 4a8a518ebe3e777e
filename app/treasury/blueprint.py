"""The pages of the treasury are in several files; they share this."""

from flask import Blueprint

bp = Blueprint("treasury", __name__)
