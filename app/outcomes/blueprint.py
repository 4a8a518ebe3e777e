"""The blueprint that both modules of routes hang their pages on."""

from flask import Blueprint

bp = Blueprint("outcomes", __name__)
