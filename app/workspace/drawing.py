"""The phase line of a bond, drawn once per stand and language: home holds one for every bond."""

from functools import cache
from typing import Any

from flask import get_template_attribute
from flask_babel import get_locale
from markupsafe import Markup

from app.programmes.states import Phase, Route


def phases(bond: Any) -> Markup:
    """For templates: `{{ bond|phases }}`, where `bond` has its phase, its route and whether its investors stand."""
    return _drawn(bond.phase, bond.route, bool(bond.investors_stand), str(get_locale()))


@cache
def _drawn(phase: Phase, route: Route, investors_stand: bool, _language: str) -> Markup:
    draw = get_template_attribute("_components/page.html", "phase_line")
    return Markup(draw(phase.line(route, investors_stand)))  # what a macro made is markup  # nosec B704
