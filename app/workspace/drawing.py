"""The phase line of a bond, drawn once per phase and language: home holds one for every bond."""

from functools import cache

from flask import get_template_attribute
from flask_babel import get_locale
from markupsafe import Markup

from app.programmes.states import Phase


def phases(phase: Phase) -> Markup:
    """For templates: `{{ bond.phase|phases }}`."""
    return _drawn(phase, str(get_locale()))


@cache
def _drawn(phase: Phase, _language: str) -> Markup:
    draw = get_template_attribute("_components/page.html", "phase_line")
    return Markup(draw(phase.line()))  # what a macro made is markup  # nosec B704
