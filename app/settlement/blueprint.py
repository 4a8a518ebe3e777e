"""The pages of settlement are in several files; they share this."""

from flask import Blueprint

bp = Blueprint("settlement", __name__)
