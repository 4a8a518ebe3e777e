import uuid
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, exists, extract, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.asked import Lot
from app.core import clock
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import db
from app.intake.recusals import left_to_others, unless_recused
from app.intake.scales import Scale
from app.intake.states import (
    PARTICIPANT_FLOW,
    REFERRAL_FLOW,
    VIEW_FLOW,
    ParticipantState,
    ReferralState,
    ViewState,
)
from app.intake.tally_models import StartTally as StartTally
from app.people.models import Organisation, User
from app.pricing.models import CompanionView, Effect
from app.programmes.models import LifeDomain, Part, Party, Programme, programmes_of, roles_in

# Later than this a start is registered with a reason. What an effect is measured from is frozen at intake (domain,
# section 9): who is entered months later can be picked for what came of it, and hides that places stood empty. A month
# is time enough to fill in a form, and shorter than any effect that lasts.
LATE = timedelta(days=30)


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


class LegalBasis(Labelled):
    """On which ground data about participants are processed (GDPR, article 6)."""

    PUBLIC_TASK = "public_task", _l("task in the public interest (GDPR, article 6(1)(e))")
    LEGAL_DUTY = "legal_duty", _l("legal obligation (GDPR, article 6(1)(c))")
    CONSENT = "consent", _l("consent of the participant (GDPR, article 6(1)(a))")


class DeclineReason(Labelled):
    """Why a referral did not lead to a start. `NO_PLACE` is not the municipality's doing: no place is filled by it, and
    none is missing."""

    NOT_COHORT = "not_cohort", _l("does not meet the entry conditions")
    TWICE = "twice", _l("referred or registered before")
    UNWILLING = "unwilling", _l("does not want to take part")
    UNREACHABLE = "unreachable", _l("could not be reached")
    NO_PLACE = "no_place", _l("the provider has no place")


class Intake(Root):
    """How people come into one bond: on which ground, measured on which scale, and who keeps the key of codes."""

    __tablename__ = "intake"

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), unique=True)
    scale: Mapped[Scale] = words(Scale)
    legal_basis: Mapped[LegalBasis] = words(LegalBasis)
    key_keeper_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    opened_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    key_keeper: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Intake")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Intake"]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user)))

    def roles_of(self, user: Any) -> set[Role]:
        """Whoever keeps the key has a hat of its own."""
        roles = roles_in(self.programme_id, user)
        return roles | {Role.KEY_KEEPER} if self.key_keeper_id in user.organisation_ids else roles


def intake_of(programme_id: uuid.UUID) -> Select[Intake]:
    return select(Intake).where(Intake.programme_id == programme_id)


class Referral(Root):
    """A municipality names a resident to the providers, by the code that a participant keeps. Nothing else is here."""

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_referral_flow", "programme_id", "payer_id", "referred_on"),
    )
    FLOW = REFERRAL_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str]
    age_band: Mapped[AgeBand] = words(AgeBand)
    referred_on: Mapped[date]
    referred_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    screened_on: Mapped[date | None]
    taken_up_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))  # found that it fits
    decline_reason: Mapped[DeclineReason | None] = words(DeclineReason, nullable=True)
    state: Mapped[ReferralState] = words(ReferralState, default=ReferralState.REFERRED)

    programme: Mapped[Programme] = relationship(lazy="joined")
    payer: Mapped[Organisation] = relationship(foreign_keys=[payer_id], lazy="joined")
    taken_up_by: Mapped[Organisation | None] = relationship(foreign_keys=[taken_up_by_id])
    participant: Mapped["Participant | None"] = relationship(back_populates="referral")

    @property
    def title(self) -> str:
        return self.code

    @classmethod
    def visible_to(cls, user: Any) -> Select["Referral"]:
        """Every provider of the bond until one finds that the resident fits, that one until the start; from then on as
        the participant."""
        assessed = cls.programme_id.in_(programmes_of(user, Part.ASSESSOR))
        free = cls.taken_up_by_id.is_(None) | cls.taken_up_by_id.in_(user.organisation_ids)
        offered = cls.programme_id.in_(programmes_of(user, Part.PROVIDER)) & ~cls.participant.has() & free
        ours = cls.participant.has(cared_for_by(user))
        found = select(cls).where(or_(assessed, offered, ours, cls.payer_id.in_(user.resident_ids)))
        left = cls.participant.has(Participant.id.in_(left_to_others(user)))
        return found.where(~left) if user.organisation_ids else found

    def is_with(self, user: Any) -> bool:
        """Whether this person may go on with it: any provider until one found that it fits, that one from then on."""
        return self.taken_up_by_id is None or self.taken_up_by_id in user.organisation_ids

    def roles_of(self, user: Any) -> set[Role]:
        person = self.participant
        provider_id = person.provider_id if person else self.taken_up_by_id
        roles = person_roles(self.programme_id, self.payer_id, provider_id, user)
        return unless_recused(roles, person.id, user) if person else roles


class Participant(Root):
    """A person in the cohort, known here by a pseudonym only. `payer` is the municipality and `lot` the lot of the
    provider, both frozen at intake."""

    __tablename__ = "participant"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_participant_caseload", "programme_id", "provider_id", "started_on", "code"),
        Index("ix_participant_latest", "programme_id", "started_on", "code"),
    )
    FLOW = PARTICIPANT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    code: Mapped[str]
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lot.id"))  # none: the bond is undivided
    age_band: Mapped[AgeBand] = words(AgeBand)
    started_on: Mapped[date]
    exited_on: Mapped[date | None]
    exit_reason: Mapped[ExitReason | None] = words(ExitReason, nullable=True)
    state: Mapped[ParticipantState] = words(ParticipantState, default=ParticipantState.ACTIVE)
    referral_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referral.id"), unique=True)
    informed_on: Mapped[date | None]  # told how the data are used; consented, where consent is the ground
    late_reason: Mapped[str | None]  # why it was registered more than `LATE` after the start; no names

    programme: Mapped[Programme] = relationship(lazy="joined")
    provider: Mapped[Organisation] = relationship(foreign_keys=[provider_id])
    payer: Mapped[Organisation] = relationship(foreign_keys=[payer_id])
    lot: Mapped[Lot | None] = relationship()
    referral: Mapped[Referral | None] = relationship(back_populates="participant")
    pauses: Mapped[list["Pause"]] = relationship(back_populates="participant", order_by="Pause.from_on")
    baseline: Mapped[list["BaselineScore"]] = relationship(back_populates="participant")
    baseline_corrections: Mapped[list["BaselineCorrection"]] = relationship(
        back_populates="participant", order_by="BaselineCorrection.created_at"
    )
    municipality_changes: Mapped[list["MunicipalityChange"]] = relationship(
        back_populates="participant", order_by="MunicipalityChange.created_at"
    )
    views: Mapped[list["View"]] = relationship(back_populates="participant", order_by="View.created_at")

    @property
    def registered_on(self) -> date:
        """The day on which the portal first knew of this person, and its baseline facts froze (domain, section 9)."""
        return clock.day_of(self.created_at or clock.now())

    @property
    def days_to_register(self) -> int:
        """How many days after the start it was registered, if more than `LATE`; 0: in time."""
        days = (self.registered_on - self.started_on).days
        return days if days > LATE.days else 0

    @classmethod
    def is_late(cls) -> Any:
        """The same in SQL, by the day in UTC."""
        passed = extract("epoch", cls.created_at) - extract("epoch", cls.started_on)
        return passed >= (LATE.days + 1) * 86_400

    @property
    def died_on(self) -> date | None:
        """From this day on nothing is reached and nobody is asked; after another exit what lasts still counts."""
        return self.exited_on if self.exit_reason == ExitReason.DECEASED else None

    @property
    def title(self) -> str:
        return self.code

    @classmethod
    def visible_to(cls, user: Any) -> Select["Participant"]:
        """The provider that took the person in, and not another of the consortium; the assessor of the bond; case
        owners of the municipality where the person lives; nobody else."""
        assessed = cls.programme_id.in_(programmes_of(user, Part.ASSESSOR))
        found = select(cls).where(or_(assessed, cared_for_by(user), cls.payer_id.in_(user.resident_ids)))
        return found.where(cls.id.not_in(left_to_others(user))) if user.organisation_ids else found

    def roles_of(self, user: Any) -> set[Role]:
        roles = person_roles(self.programme_id, self.payer_id, self.provider_id, user)
        return unless_recused(roles, self.id, user)


class Pause(Row):
    """The support stands still from `from_on` up to `until_on` (none: it still does, or did until the exit); the
    participant stays in.

    Why is not kept: it would mostly be about health.
    """

    __tablename__ = "pause"

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    participant: Mapped[Participant] = relationship(back_populates="pauses")


@append_only
class BaselineScore(Row):
    """Where a participant stood at the start, in one life domain, on the scale of the bond. Never changed:
    a correction stands beside it."""

    __tablename__ = "baseline_score"
    __table_args__ = (UniqueConstraint("participant_id", "life_domain"),)

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"))
    life_domain: Mapped[LifeDomain] = words(LifeDomain)
    score: Mapped[int]
    observed_on: Mapped[date]
    scored_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    participant: Mapped[Participant] = relationship(back_populates="baseline")


@append_only
class BaselineCorrection(Row):
    """What was recorded as baseline was wrong: all `scores`, by life domain, as they stand since. The last one counts;
    what was recorded first, and every correction, stays. No names in `reason`."""

    __tablename__ = "baseline_correction"

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    scores: Mapped[dict[str, int]] = mapped_column(JSON)
    observed_on: Mapped[date]
    reason: Mapped[str]
    corrected_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    participant: Mapped[Participant] = relationship(back_populates="baseline_corrections")
    corrected_by: Mapped[User] = relationship()


@append_only
class MunicipalityChange(Row):
    """The municipality that was frozen at intake was wrong; who put it right, and why."""

    __tablename__ = "municipality_change"

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str]
    changed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    participant: Mapped[Participant] = relationship(back_populates="municipality_changes")
    from_payer: Mapped[Organisation] = relationship(foreign_keys=[from_id])
    to_payer: Mapped[Organisation] = relationship(foreign_keys=[to_id])
    changed_by: Mapped[User] = relationship()


class View(Root):
    """How participant, care worker or youth judge sees it: asked by a link that works once, reported, never paid.

    `score` runs from 1 (very bad) to 5 (very good); none where they cannot tell.
    """

    __tablename__ = "companion_view"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)
    FLOW = VIEW_FLOW

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    view: Mapped[CompanionView] = words(CompanionView)
    token_digest: Mapped[str] = mapped_column(unique=True)
    expires_on: Mapped[date]
    asked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    state: Mapped[ViewState] = words(ViewState, default=ViewState.ASKED)
    score: Mapped[int | None]
    remark: Mapped[str] = mapped_column(default="")
    given_at: Mapped[Instant | None]

    participant: Mapped[Participant] = relationship(back_populates="views", lazy="joined")
    effect: Mapped[Effect] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return self.effect.companion

    @classmethod
    def visible_to(cls, user: Any) -> Select["View"]:
        people = Participant.visible_to(user).with_only_columns(Participant.id)
        return select(cls).where(cls.participant_id.in_(people))

    def roles_of(self, user: Any) -> set[Role]:
        """The portal itself takes down what somebody without an account gives through the link."""
        return self.participant.roles_of(user)


def cared_for_by(user: Any, of: Any = Participant) -> Any:
    """Of a participant, or of a kept count of them or their claims: taken in by an organisation of `user` that still
    is a provider of the bond."""
    return of.programme_id.in_(programmes_of(user, Part.PROVIDER)) & of.provider_id.in_(user.organisation_ids)


def shared_with(user: Any) -> Select[uuid.UUID]:
    """Ids of the programmes in which a provider that is no organisation of `user` took somebody in."""
    took_in = (Participant.programme_id == Party.programme_id) & (Participant.provider_id == Party.organisation_id)
    others = (Party.part == Part.PROVIDER) & Party.organisation_id.not_in(user.organisation_ids)
    return select(Party.programme_id).where(others, exists().where(took_in))


def is_shared(programme_id: uuid.UUID, user: Any) -> bool:
    """Is this one of them? Read once per transaction, as hats are (programmes.roles_in)."""
    kept = db.session().info.setdefault("hats", {})
    key = ("shared", user.id, programme_id)
    if key not in kept:
        found = shared_with(user).where(Party.programme_id == programme_id)
        kept[key] = db.session.scalar(found.limit(1)) is not None
    return bool(kept[key])


def took_in(programme_id: uuid.UUID) -> list[uuid.UUID]:
    """The providers of a bond that took somebody in."""
    theirs = (Participant.programme_id == Party.programme_id) & (Participant.provider_id == Party.organisation_id)
    found = select(Party.organisation_id).where(Party.programme_id == programme_id, Party.part == Part.PROVIDER)
    return list(db.session.scalars(found.where(exists().where(theirs))))


def person_roles(programme_id: uuid.UUID, payer_id: uuid.UUID, provider_id: uuid.UUID | None, user: Any) -> set[Role]:
    """Hats towards a row about a person: the case owner only where that person lives, the provider only of whom it took
    in (`provider_id`; none: nobody did yet). Source: the domain, section 9."""
    roles = cohort_roles(programme_id, payer_id, user) - {Role.PAYER}
    return roles if provider_id is None or provider_id in user.organisation_ids else roles - {Role.PROVIDER}


def cohort_roles(programme_id: uuid.UUID, payer_id: uuid.UUID, user: Any) -> set[Role]:
    """Hats towards what is established for a cohort: the payer only where that cohort lives."""
    roles = roles_in(programme_id, user)
    if payer_id not in user.resident_ids:
        roles.discard(Role.CASE_OWNER)
    return roles | {Role.PAYER} if payer_id in user.organisation_ids else roles
