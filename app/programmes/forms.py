from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core.flow import Labelled
from app.core.forms import Form, amount, choice, day, long_text, text, whole_number
from app.programmes.models import MunicipalityShare, Programme
from app.programmes.operations import NAMED_PARTS, ProgrammeFacts
from app.programmes.states import Route


class Jurisdiction(Labelled):
    NL = "NL", _l("Netherlands")
    BE = "BE", _l("Belgium")


class ProgrammeForm(Form):
    lead = choice(_l("Leading municipality"))
    title = text(_l("Name of the bond"))
    problem = long_text(_l("Problem"))
    entry_conditions = long_text(_l("Entry conditions"))
    cohort_size = whole_number(_l("Participants"), least=1, most=100_000)
    age_from = whole_number(_l("Age from"), most=120)
    age_to = whole_number(_l("Age to"), most=120)
    jurisdiction = choice(_l("Jurisdiction"), Jurisdiction)
    route = choice(_l("Route to the consortium"), Route, default=Route.CONTRACT.value)
    route_reason = long_text(_l("Why this route"), required=False, longest=2_000)
    starts_on = day(_l("Starts on"))
    ends_on = day(_l("Ends on"))
    tail_until = day(_l("Effects accrue until"))
    council_decision = text(_l("Council decision"), required=False)
    council_decided_on = day(_l("Decided on"), required=False)
    dpia_reference = text(_l("DPIA reference"), required=False)
    dpia_on = day(_l("DPIA date"), required=False)
    illustrative = BooleanField(_l("The prices of this bond are illustrative"))

    def facts(self) -> ProgrammeFacts:
        """Optional texts that were left empty are empty texts."""
        typed: dict[str, Any] = {f.name: self[f.name].data for f in fields(ProgrammeFacts)}
        typed |= {name: typed[name] or "" for name in ("council_decision", "dpia_reference", "route_reason")}
        typed["route"] = Route(typed["route"])
        return ProgrammeFacts(**typed)


class ReturnForm(Form):
    reason = long_text(_l("What must change"), longest=2_000)


class ShareForm(Form):
    """The part of one municipality; `form_of_years` adds a reservation per budget year."""

    municipality = choice(_l("Municipality"))
    cohort_size = whole_number(_l("Participants who live there"), least=1, most=100_000)

    def budget(self) -> dict[int, int]:
        """Reserved minor units per year; an empty answer is nothing reserved."""
        years = (name.partition("_")[2] for name in self._fields if name.startswith("year_"))
        return {int(year): self[f"year_{year}"].data or 0 for year in years}


def form_of_years(programme: Programme) -> type[ShareForm]:
    years = {f"year_{y}": amount(_("Reserved for %(year)d", year=y), required=False, least=0) for y in programme.years}
    return type("ShareFormOfYears", (ShareForm,), years)


def stored_share(programme: Programme, share: MunicipalityShare | None) -> dict[str, object]:
    """What the form shows first for a municipality that has a share already."""
    if share is None:
        return {"version": programme.version}
    reserved = {f"year_{year}": minor for year, minor in share.reserved.items()}
    known = {"municipality": str(share.organisation_id), "cohort_size": share.cohort_size}
    return {"version": programme.version} | known | reserved


class PartyForm(Form):
    organisation = choice(_l("Organisation"))
    part = choice(_l("Part in this bond"), NAMED_PARTS)
