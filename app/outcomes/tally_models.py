"""What the pages of figures read instead of counting millions of rows.

The database keeps these right by itself: triggers on `claim`, `measurement`, `participant` and `settlement_line`, made
by migration 0061, and on `milestone` by 0055; their opening words say what a later migration of one of those tables
must do. Nothing else writes here, and no key is a foreign one: the rows that are counted have them. `invariants.py`
counts again.

`provider_id` is who took the person in now; `NONE` for what was measured for a cohort, which every provider reads.
"""

import uuid
from datetime import date

from sqlalchemy import Enum
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Amount, words
from app.extensions import Model
from app.outcomes.states import ClaimState

NONE = uuid.UUID(int=0)  # in no batch, of nobody; for a line: the first for its proof. A key holds no NULL


class ProofTally(Model):
    """How many claims (`kind`; or measurements) of one effect, municipality and provider are in one state and batch."""

    __tablename__ = "proof_tally"

    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Enum("claim", "measurement", native_enum=False, length=30), primary_key=True)
    state: Mapped[ClaimState] = words(ClaimState, primary_key=True)
    payer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]


class LineTally(Model):
    """How many lines one settlement has for such proofs, and what they pay (minor units).

    `owing_id` is the municipality whose statement holds them, `payer_id` the one that the proofs are of now; they
    differ when a municipality was put right after a settlement. `stage` is a key of `disclosure.STAGES`.
    """

    __tablename__ = "line_tally"

    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    settlement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owing_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    first_settlement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    paid_minor: Mapped[Amount]


class MilestoneTally(Model):
    """How many milestones of one provider in one bond are reached on one day and lapse on another: whatever the day of
    today is, few rows say how many effects can be claimed now, are due soon, or lapsed."""

    __tablename__ = "milestone_tally"

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    lapses_on: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]
