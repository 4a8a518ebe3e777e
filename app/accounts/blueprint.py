"""The blueprint that all modules of routes hang their pages on."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
