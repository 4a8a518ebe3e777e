from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form, checks, long_text, text, whole_number
from app.core.national_id import no_national_id
from app.profiles.models import Profile
from app.profiles.operations import NOT_YET, ProfileFacts
from app.programmes.models import LifeDomain


class ProfileForm(Form):
    about = long_text(_l("What you do, and for whom"), longest=3_000, validators=[no_national_id])
    life_domains = checks(_l("Life domains"), LifeDomain)
    municipality_ids = checks(_l("Municipalities on this portal where you work"))
    elsewhere = text(_l("Elsewhere"), required=False, longest=300)
    capacity = whole_number(_l("People you can support at once"), least=1, most=1_000_000, required=False)
    quality_marks = text(_l("Quality marks"), required=False, longest=500)

    def offer(self, municipalities: Iterable[tuple[Any, str]]) -> None:
        self.municipality_ids.choices = [SelectChoice(str(key), name) for key, name in municipalities]

    def facts(self) -> ProfileFacts:
        return ProfileFacts(
            about=self.about.data or "",
            life_domains=tuple(self.life_domains.data or ()),
            municipality_ids=tuple(self.municipality_ids.data or ()),
            elsewhere=self.elsewhere.data or "",
            capacity=self.capacity.data,
            quality_marks=self.quality_marks.data or "",
        )


def typed(profile: Profile | None) -> dict[str, Any]:
    """The profile as its form holds it."""
    if profile is None:
        return {"version": NOT_YET}
    names = ("version", "about", "life_domains", "municipality_ids", "elsewhere", "capacity", "quality_marks")
    return {name: getattr(profile, name) for name in names}
