"""The languages of the portal: catalogues are read once, and Flemish falls back to Dutch.

`nl_BE` holds only the words that differ; whatever it lacks is said as in the Netherlands.
"""

from functools import cached_property
from typing import Any

import flask_babel
from babel.support import NullTranslations
from flask_babel import Babel, Domain

FALLBACK = {"nl_BE": "nl"}


class Catalogues(Domain):
    """Flask-Babel's own domain, with a fallback between languages."""

    def get_translations(self) -> Any:
        own = super().get_translations()
        general = FALLBACK.get(str(flask_babel.get_locale()))
        if general and isinstance(getattr(own, "_fallback", None), NullTranslations | None):
            with flask_babel.force_locale(general):
                own._fallback = super().get_translations()
        return own


class Languages(Babel):
    """Keeps one set of catalogues for the whole process; the library reads them anew for each request."""

    @cached_property
    def domain_instance(self) -> Catalogues:  # type: ignore[override]
        return Catalogues(domain=self.domain)
