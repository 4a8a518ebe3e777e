import uuid
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.flow import Labelled
from app.core.models import Root, words
from app.intake.recusals import left_to_others, unless_recused
from app.intake.states import PARTICIPANT_FLOW, ParticipantState
from app.people.models import Organisation
from app.programmes.models import Part, Programme, programmes_of, roles_in


class AgeBand(Labelled):
    FROM_16 = "16-17", _l("16-17 years")
    FROM_18 = "18-20", _l("18-20 years")
    FROM_21 = "21-23", _l("21-23 years")
    FROM_24 = "24+", _l("24 years or older")

    @property
    def years(self) -> tuple[int, int]:
        """The youngest and the oldest age in this band."""
        first, _dash, last = self.value.removesuffix("+").partition("-")
        return int(first), int(last or 200)


class ExitReason(Labelled):
    COMPLETED = "completed", _l("finished the programme")
    MOVED = "moved", _l("moved to another municipality")
    OTHER_HELP = "other_help", _l("went to other help")
    STOPPED = "stopped", _l("stopped by own choice")
    UNREACHABLE = "unreachable", _l("could no longer be reached")
    DETAINED = "detained", _l("detained")
    DECEASED = "deceased", _l("deceased")


class Participant(Root):
    """A person in the cohort, known here by a pseudonym only. `payer` is the municipality, frozen at intake."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("programme_id", "code"),)
    FLOW = PARTICIPANT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    code: Mapped[str]
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    age_band: Mapped[AgeBand] = words(AgeBand)
    started_on: Mapped[date]
    exited_on: Mapped[date | None]
    exit_reason: Mapped[ExitReason | None] = words(ExitReason, nullable=True)
    state: Mapped[ParticipantState] = words(ParticipantState, default=ParticipantState.ACTIVE)

    programme: Mapped[Programme] = relationship(lazy="joined")
    provider: Mapped[Organisation] = relationship(foreign_keys=[provider_id])
    payer: Mapped[Organisation] = relationship(foreign_keys=[payer_id])

    @property
    def title(self) -> str:
        return self.code

    @classmethod
    def visible_to(cls, user: Any) -> Select["Participant"]:
        """Providers and assessor of the bond; a municipality its own residents; nobody else."""
        inside = cls.programme_id.in_(programmes_of(user, Part.PROVIDER, Part.ASSESSOR))
        found = select(cls).where(or_(inside, cls.payer_id.in_(user.organisation_ids)))
        return found.where(cls.id.not_in(left_to_others(user))) if user.organisation_ids else found

    def roles_of(self, user: Any) -> set[Role]:
        return unless_recused(person_roles(self.programme_id, self.payer_id, user), self.id, user)


def person_roles(programme_id: uuid.UUID, payer_id: uuid.UUID, user: Any) -> set[Role]:
    """Hats towards a row about a person or a cohort: the payer only where that person or cohort lives."""
    roles = roles_in(programme_id, user)
    return roles | {Role.PAYER} if payer_id in user.organisation_ids else roles
