"""The blueprint that the modules of routes hang their pages on."""

from flask import Blueprint

bp = Blueprint("verification", __name__)
