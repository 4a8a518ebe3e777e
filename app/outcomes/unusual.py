"""What is unusual, and no fault, is asked before it is recorded: why stands at the field, and a tick lets it through.

Source: the domain, sections 3 and 9: what is handed to the assessor is what the provider means to claim.
"""

from flask_babel import gettext as _

from app.core.errors import Refused


def expect_meant(told: str, field: str, tick: str, said: bool) -> None:
    """Raise `Refused` at `field`, with what is unusual, and at the `tick` that says that it is meant so."""
    if not said:
        raise Refused(told, field, [Refused(_("Mend it, or say here that it is meant so."), tick)])
