import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import Model
from app.outcomes.models import Batch, Claim, RejectionReason
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.verification.statement_models import PreparedSignature as PreparedSignature
from app.verification.statement_models import SealCertificate as SealCertificate
from app.verification.statement_models import SealedStatement as SealedStatement
from app.verification.states import FLOW, DocketState, Finding, Verdict


class Docket(Root):
    """A batch of claims that is verified together; on the screen "Batch 3".

    Its list is locked first (`list_digest`); only then the `seed` comes into being (64 hexadecimal digits; empty where
    every claim is judged). The rules are those of the agreement at that moment, see `VerificationRules`.
    """

    __tablename__ = "docket"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    locked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    sampling: Mapped[bool]
    least: Mapped[int]
    share_bp: Mapped[int]
    tolerance_bp: Mapped[int]
    assessors: Mapped[int]
    reads_by_rule: Mapped[bool] = mapped_column(default=False)  # `by_rule`; False: locked before there was that rule
    list_digest: Mapped[str]
    seed: Mapped[str] = mapped_column(default="")
    drawn_at: Mapped[Instant | None]
    state: Mapped[DocketState] = words(DocketState, default=DocketState.LOCKED)
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batch.id"), index=True)

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship()
    batch: Mapped[Batch | None] = relationship()
    strata: Mapped[list["Stratum"]] = relationship(back_populates="docket", order_by="Stratum.position")

    @property
    def title(self) -> str:
        return _("Batch %(number)d", number=self.number)

    @property
    def draws_some(self) -> bool:
        """Whether there was an effect with more claims than a sample holds; of no other a claim is accepted unseen."""
        return self.sampling and any(one.is_sampled for one in self.strata)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Docket"]:
        """Seed and fingerprint of the list are published; what else a page tells follows from `roles_of`."""
        seen = Programme.visible_to(user).with_only_columns(Programme.id)
        return select(cls).where(cls.programme_id.in_(seen))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


class Stratum(Row):
    """The claims of one effect in a docket: how many, how many are drawn, and what they show.

    `faults` are the drawn claims that were rejected or taken back, counted when the sample is concluded. `by_rule` more
    are read outside the draw, and stand in no share.
    """

    __tablename__ = "docket_stratum"
    __table_args__ = (
        UniqueConstraint("docket_id", "effect_id"),
        CheckConstraint("drawn <= size", name="drawn"),
    )

    docket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("docket.id"))
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    position: Mapped[int]
    size: Mapped[int]
    drawn: Mapped[int]
    by_rule: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str]
    faults: Mapped[int | None]
    finding: Mapped[Finding] = words(Finding, default=Finding.OPEN)

    docket: Mapped[Docket] = relationship(back_populates="strata")
    effect: Mapped[Effect] = relationship(lazy="joined")

    @property
    def is_sampled(self) -> bool:
        return self.drawn + self.by_rule < self.size


class DocketItem(Model):
    """One claim in one docket. `to_judge`: it was drawn, or every claim of its effect is judged. `place` is its turn:
    the higher its `risk` and the longer it waits, the earlier. `by_rule`: it stands outside the draw and is read;
    `is_added`: it is read too, for what was found after the list was locked. `is_set_aside`: it waits for an answer and
    for a later docket."""

    __tablename__ = "docket_item"
    __table_args__ = (Index("ix_docket_item_work", "docket_id", "to_judge", "place"),)

    docket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("docket.id"), primary_key=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"), primary_key=True, index=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    is_drawn: Mapped[bool] = mapped_column(default=False)
    to_judge: Mapped[bool] = mapped_column(default=False)
    by_rule: Mapped[bool] = mapped_column(default=False)
    is_added: Mapped[bool] = mapped_column(default=False)
    is_set_aside: Mapped[bool] = mapped_column(default=False)
    risk: Mapped[int]
    place: Mapped[int]

    claim: Mapped[Claim] = relationship()
    docket: Mapped[Docket] = relationship()


@append_only
class Declaration(Row):
    """An assessor declared for this docket to have no part, work or relation with those who gain or pay by it."""

    __tablename__ = "docket_declaration"
    __table_args__ = (UniqueConstraint("docket_id", "user_id"),)

    docket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("docket.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(lazy="joined")


@append_only
class Judgement(Row):
    """What one assessor found of one claim; the last one of a person counts, and nobody reads another's before."""

    __tablename__ = "judgement"

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    verdict: Mapped[Verdict] = words(Verdict)
    reason: Mapped[RejectionReason | None] = words(RejectionReason, nullable=True)
    explanation: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(lazy="joined")
