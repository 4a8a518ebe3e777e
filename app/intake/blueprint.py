"""The blueprint that all modules of routes hang their pages on."""

from flask import Blueprint

bp = Blueprint("intake", __name__)
