"""What was typed wrong about the days of a participant: who put it right, and why."""

import uuid
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.flow import Labelled
from app.core.models import Row, append_only, words
from app.intake.models import Participant
from app.people.models import User


class CorrectedDay(Labelled):
    INFORMED = "informed", _l("day told what is kept, or of consent")
    START = "start", _l("start")
    PAUSE = "pause", _l("start of a pause")
    RESUME = "resume", _l("end of a pause")
    EXIT = "exit", _l("exit")


@append_only
class DayCorrection(Row):
    """`before` stood there, `after` stands now (none: the participant did not leave). No names in `reason`."""

    __tablename__ = "day_correction"

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    what: Mapped[CorrectedDay] = words(CorrectedDay)
    before: Mapped[date]
    after: Mapped[date | None]
    reason: Mapped[str]
    corrected_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    participant: Mapped[Participant] = relationship()
    corrected_by: Mapped[User] = relationship(lazy="joined")


def corrections_of(participant: Participant) -> Select[DayCorrection]:
    found = select(DayCorrection).where(DayCorrection.participant_id == participant.id)
    return found.order_by(DayCorrection.created_at, DayCorrection.what)
