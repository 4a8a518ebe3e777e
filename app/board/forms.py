from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.board.models import Wish
from app.board.operations import Wanted
from app.core.forms import Form, checks, choice, choices_of, long_text
from app.core.national_id import no_national_id
from app.people.models import Organisation
from app.programmes.models import LifeDomain


class EntryForm(Form):
    organisation = choice(_l("On behalf of"))
    wish = choice(_l("Offer or need"), Wish)
    life_domains = checks(_l("Life domains"), LifeDomain)
    municipality_ids = checks(_l("Municipalities"))
    text = long_text(_l("In a few words"), longest=1_000, validators=[no_national_id])

    def offer(self, own: list[Organisation], municipalities: Iterable[Organisation]) -> None:
        self.organisation.choices = choices_of((one.id, one.name) for one in own)
        self.municipality_ids.choices = [SelectChoice(str(one.id), one.name) for one in municipalities]
        if len(own) == 1 and not self.organisation.data:
            self.organisation.data = str(own[0].id)

    def wanted(self) -> Wanted:
        return Wanted(
            Wish(self.wish.data),
            self.text.data or "",
            tuple(self.life_domains.data or ()),
            tuple(self.municipality_ids.data or ()),
        )


class MessageForm(Form):
    text = long_text(_l("Your message"), longest=3_000, validators=[no_national_id])
