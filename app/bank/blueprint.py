"""Where the pages of the bank hang."""

from flask import Blueprint

bp = Blueprint("bank", __name__)
