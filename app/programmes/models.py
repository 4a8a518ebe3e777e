import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core import clock
from app.core.flow import Labelled
from app.core.models import Amount, Instant, Root, Row, words
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.programmes.half_years import half_year_ends
from app.programmes.states import ACCOUNT_FLOW, FLOW, AccountState, Phase, ProgrammeState, Route


class LifeDomain(Labelled):
    """The life domains of the call, and how they are said to a council."""

    WORK = "work", _l("work")
    EDUCATION = "education", _l("education")
    INCOME = "income", _l("income and debts")
    CARE = "care", _l("care")
    SAFETY = "safety", _l("safety")
    FAMILY = "family", _l("family situation")
    HOME = "home", _l("home")


class Part(Labelled):
    """The part of an organisation in one bond."""

    GOVERNMENT = "government", _l("government")
    INVESTOR = "investor", _l("investor")
    PROVIDER = "provider", _l("service provider")
    INTERMEDIARY = "intermediary", _l("intermediary")
    ASSESSOR = "assessor", _l("independent assessor")
    AUDITOR = "auditor", _l("auditor or council")


ROLE_OF_PART = {
    Part.GOVERNMENT: Role.OFFICIAL,
    Part.INVESTOR: Role.INVESTOR,
    Part.PROVIDER: Role.PROVIDER,
    Part.INTERMEDIARY: Role.INTERMEDIARY,
    Part.ASSESSOR: Role.ASSESSOR,
    Part.AUDITOR: Role.AUDITOR,
}

# Nobody judges effects for an assessor who also works for a party that gains or pays by them (domain, section 2).
NOT_INDEPENDENT = frozenset({Role.OFFICIAL, Role.INVESTOR, Role.PROVIDER, Role.INTERMEDIARY})


class Programme(Root):
    """One bond, from the problem to the last payment. Amounts are in minor units of `currency`."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("cohort_size > 0", name="cohort"),
        CheckConstraint("ends_on > starts_on", name="period"),
    )
    FLOW = FLOW

    title: Mapped[str]
    problem: Mapped[str]
    entry_conditions: Mapped[str]
    cohort_size: Mapped[int]
    age_from: Mapped[int]
    age_to: Mapped[int]
    jurisdiction: Mapped[str]  # NL or BE
    route: Mapped[Route] = words(Route, default=Route.CONTRACT)
    route_reason: Mapped[str] = mapped_column(default="")  # why this route; needed where nothing is tendered
    currency: Mapped[str] = mapped_column(default="EUR")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    tail_until: Mapped[date]  # effects still accrue until then
    council_decision: Mapped[str] = mapped_column(default="")
    council_decided_on: Mapped[date | None]
    dpia_reference: Mapped[str] = mapped_column(default="")
    dpia_on: Mapped[date | None]
    illustrative: Mapped[bool] = mapped_column(default=False)  # prices made up to show how it works: said on every page
    state: Mapped[ProgrammeState] = words(ProgrammeState, default=ProgrammeState.DRAFT)
    phase: Mapped[Phase] = words(Phase, default=Phase.PREPARATION)
    lead_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))

    lead: Mapped[Organisation] = relationship(lazy="joined")
    parties: Mapped[list["Party"]] = relationship(
        back_populates="programme", order_by="Party.created_at", cascade="all, delete-orphan"
    )
    shares: Mapped[list["MunicipalityShare"]] = relationship(
        back_populates="programme", order_by="MunicipalityShare.cohort_size.desc()", cascade="all, delete-orphan"
    )

    @classmethod
    def visible_to(cls, user: Any) -> Select["Programme"]:
        """An approved programme is public; a draft is for its own parties."""
        return select(cls).where(or_(cls.state == ProgrammeState.APPROVED, cls.id.in_(programmes_of(user))))

    def roles_of(self, user: Any) -> set[Role]:
        return roles_in(self.id, user)

    def people(self, *parts: Part) -> list[User]:
        """Everyone who acts for a party of these parts (none: of any part), by name."""
        found = select(User).join(Membership).join(Party, Party.organisation_id == Membership.organisation_id)
        found = found.where(Party.programme_id == self.id, User.active)
        if parts:
            found = found.where(Party.part.in_(parts))
        return list(db.session.scalars(found.distinct().order_by(User.name, User.id)))

    def organisations(self, part: Part, *, among: Collection[uuid.UUID] | None = None) -> list[Organisation]:
        """Those that have this part; `among`: of these alone, where the others may be many."""
        found = self.having(part)
        return list(db.session.scalars(found if among is None else found.where(Organisation.id.in_(among))))

    def having(self, part: Part) -> Select[Organisation]:
        found = select(Organisation).join(Party).where(Party.programme_id == self.id, Party.part == part)
        return found.order_by(Party.created_at, Party.id)

    @property
    def account(self) -> "BankAccount | None":
        """Where investors and municipalities pay to: the account that was approved last and may be used by now."""
        begun = or_(BankAccount.usable_from.is_(None), BankAccount.usable_from <= clock.now())
        found = select(BankAccount).where(
            BankAccount.programme_id == self.id, BankAccount.state == AccountState.APPROVED, begun
        )
        latest = func.coalesce(BankAccount.usable_from, BankAccount.created_at).desc(), BankAccount.created_at.desc()
        return db.session.scalars(found.order_by(*latest).limit(1)).first()

    @property
    def years(self) -> range:
        """The budget years in which effects may be paid, the tail included."""
        return range(self.starts_on.year, self.tail_until.year + 1)

    @property
    def budget_years(self) -> list[int]:
        """`years`, and after an early end those for which money was reserved before it: it stands until released."""
        reserved = {year for share in self.shares for year, minor in share.reserved.items() if minor}
        return sorted({*self.years, *reserved})

    @property
    def settlement_days(self) -> tuple[date, ...]:
        """When the bond settles, for whoever looks ahead: gates C1, C5 and C6, the what-if, the replay file of a table.

        Maximums per period go by the day of the settlement, so all of them must reckon with the same days.
        """
        return half_year_ends(self.starts_on, self.tail_until)

    def phase_line(self) -> list[tuple[Any, str]]:
        return self.phase.line(self.route, self.investors_stand)

    @property
    def investors_stand(self) -> bool:
        """Has an investor round of this bond come to stand? Rounds lie above bonds, so their table is asked by name."""
        rounds = db.metadata.tables["investor_round"]
        stands = select(rounds.c.id).where(rounds.c.programme_id == self.id, rounds.c.state == "standing")
        return db.session.scalar(stands.limit(1)) is not None

    @property
    def standing(self) -> Labelled:
        """What a status mark says: how far the paper is until it is approved, how far the bond is after that."""
        return self.phase.shown(self.route) if self.state == ProgrammeState.APPROVED else self.state


class Party(Row):
    """An organisation has one part in a bond. The leading municipality is a government with `is_lead`."""

    __tablename__ = "party"
    __table_args__ = (UniqueConstraint("programme_id", "organisation_id"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    part: Mapped[Part] = words(Part)
    is_lead: Mapped[bool] = mapped_column(default=False)

    programme: Mapped[Programme] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class MunicipalityShare(Row):
    """How many of the cohort live in a municipality, and what it has reserved for them per budget year."""

    __tablename__ = "municipality_share"
    __table_args__ = (UniqueConstraint("programme_id", "organisation_id"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    cohort_size: Mapped[int]

    programme: Mapped[Programme] = relationship(back_populates="shares")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    budget: Mapped[list["BudgetYear"]] = relationship(
        back_populates="share", order_by="BudgetYear.year", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def reserved(self) -> dict[int, int]:
        """Reserved minor units per budget year."""
        return {year.year: year.reserved_minor for year in self.budget}

    @property
    def ceiling_minor(self) -> int:
        """What the municipality pays at the most: everything it reserved."""
        return sum(year.reserved_minor for year in self.budget)


class BankAccount(Root):
    """The account of the bond, named by the intermediary and approved by a second person, who heard the code of it from
    `spoken_with`; in use from `usable_from` on (none: of before there was a code, in use since it was approved)."""

    __tablename__ = "bank_account"
    FLOW = ACCOUNT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    holder: Mapped[str]
    iban: Mapped[str]  # compact: NL20INGB0001234567
    state: Mapped[AccountState] = words(AccountState, default=AccountState.PREPARED)
    usable_from: Mapped[Instant | None]
    spoken_with: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """In groups of four, as it is read and typed over."""
        return " ".join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))

    @classmethod
    def visible_to(cls, user: Any) -> Select["BankAccount"]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


class BudgetYear(Row):
    """Reserved by a municipality for one budget year (multi-year reservation of the council decision)."""

    __tablename__ = "budget_year"
    __table_args__ = (UniqueConstraint("share_id", "year"),)

    share_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("municipality_share.id"), index=True)
    year: Mapped[int]
    reserved_minor: Mapped[Amount]

    share: Mapped[MunicipalityShare] = relationship(back_populates="budget")


def programmes_of(user: Any, *parts: Part) -> Select[uuid.UUID]:
    """Ids of the programmes in which an organisation of `user` has one of `parts` (none: any part)."""
    found = select(Party.programme_id).where(Party.organisation_id.in_(user.organisation_ids))
    return found.where(Party.part.in_(parts)) if parts else found


def roles_in(programme_id: uuid.UUID, user: Any) -> set[Role]:
    """The hats that the parts of the user's organisations give in one bond; read once per transaction."""
    if not user.organisation_ids:
        return set()
    hats = db.session().info.setdefault("hats", {})
    if user.id not in hats:
        rows = select(Party.programme_id, Party.part, Party.is_lead, Party.organisation_id).where(
            Party.organisation_id.in_(user.organisation_ids)
        )
        found: dict[uuid.UUID, set[Role]] = {}
        for programme, part, is_lead, organisation in db.session.execute(rows):
            roles = found.setdefault(programme, set())
            roles.add(ROLE_OF_PART[part])
            if part == Part.GOVERNMENT and organisation in user.resident_ids:
                roles.add(Role.CASE_OWNER)
            if is_lead:
                roles.add(Role.LEAD_OFFICIAL)
        for roles in found.values():
            if roles & NOT_INDEPENDENT:
                roles.discard(Role.ASSESSOR)
        hats[user.id] = found
    return set(hats[user.id].get(programme_id, ()))
