"""How the figures of a cohort were established, so that a reader can weigh them."""

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Row, append_only, words
from app.pricing.models import Counterfactual

if TYPE_CHECKING:
    from app.outcomes.models import Measurement


@append_only
class MeasurementBasis(Row):
    """The source and method of a measurement, its 95 % interval and how many people stand behind it.

    `low` and `high` are exact decimals as text, in the unit of the figure: the measured value, the share of events
    avoided (0.1 is ten per cent), or the cost avoided in whole euros. `compared` is None where nobody was compared;
    `compared_value` is the same share as was measured, found in the group that was compared, where the figure is one.
    """

    __tablename__ = "measurement_basis"
    __table_args__ = (CheckConstraint("people > 0 AND compared > 0", name="people"),)

    measurement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("measurement.id"), unique=True)
    source: Mapped[str]
    method: Mapped[Counterfactual] = words(Counterfactual)
    low: Mapped[str]
    high: Mapped[str]
    people: Mapped[int]
    compared: Mapped[int | None]
    compared_value: Mapped[str | None]

    measurement: Mapped["Measurement"] = relationship(back_populates="basis")
