"""How many came in, kept by the database itself as in app/outcomes/tally_models.py."""

import uuid

from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Model


class StartTally(Model):
    """Participants of one bond by the municipality that they lived in at intake and the provider they are with."""

    __tablename__ = "start_tally"

    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
