"""What the pages of intake read. Lists page and search in the database."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Uuid, column, func, select, table, true

from app.access.roles import Role
from app.core.national_id import holds_national_id
from app.core.paging import Paged, paged
from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.key_models import KeySample
from app.intake.models import Intake, Participant, Referral, View
from app.intake.plan import PLACES, STARTED, TURNED_AWAY, Flow, last_day
from app.intake.recusals import left_to_others
from app.intake.states import ReferralState, ViewState
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import Programme, roles_in
from app.programmes.pseudonym import as_typed

MOST = 2_000  # who looks further back searches by code
# Claims stand above intake and are not imported; the table is read by name.
_claim = table("claim", column("participant_id", Uuid), column("state"))


def searched(typed: str) -> str:
    """What is looked for; a national number is not, for nothing here has one, and an address is kept in many places."""
    return "" if holds_national_id(typed) else typed.strip()[:60]


def known_payers(programme: Programme, user: Any) -> list[Organisation]:
    """The municipalities of whose residents `user` may know the exact numbers."""
    whole = sees_rows(programme.id, user)
    payers = [share.organisation for share in programme.shares]
    return [payer for payer in payers if whole or payer.id in user.organisation_ids]


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Running totals at the end of a month; no actual numbers for a month that is still to come."""

    month: str
    planned: int
    places: int | None
    started: int | None
    turned_away: int | None


def month_lines(flow: Flow, payers: list[Organisation], this_month: str) -> list[MonthLine]:
    ids = {payer.id for payer in payers}
    lines = []
    for month in flow.months:
        end = last_day(month)
        came = [flow.came(kind, ids, end) if month <= this_month else None for kind in (PLACES, STARTED, TURNED_AWAY)]
        lines.append(MonthLine(month, flow.planned(ids, month), *came))
    return lines


def participant_list(programme: Programme, user: Any, q: str) -> Paged:
    """Participants that `user` may see, newest first, with the number of their claims that count."""
    claims = (
        select(func.count())
        .select_from(_claim)
        .where(_claim.c.participant_id == Participant.id, _claim.c.state != "withdrawn")
        .where(_claim.c.state != "registered" if Role.ASSESSOR in roles_in(programme.id, user) else true())
    ).scalar_subquery()
    found = Participant.visible_to(user)
    if sees_rows(programme.id, user):  # then the bond alone says who is seen, and an index orders them
        found = select(Participant).where(Participant.id.not_in(left_to_others(user)))
    found = found.join(Organisation, Participant.payer_id == Organisation.id)
    found = found.where(Participant.programme_id == programme.id)
    if q:
        found = found.where(Participant.code.contains(as_typed(q), autoescape=True))
    columns = found.with_only_columns(
        Participant.id,
        Participant.code,
        Organisation.name.label("municipality"),
        Participant.age_band,
        Participant.started_on,
        Participant.state,
        claims.label("claims"),
    )
    latest = columns.order_by(Participant.started_on.desc(), Participant.code.desc())
    some = found.with_only_columns(Participant.id).order_by(None).limit(MOST).subquery()
    return paged(latest, count=db.session.scalar(select(func.count()).select_from(some)) or 0)


def referral_list(programme: Programme, user: Any, state: ReferralState | None, q: str) -> Paged:
    """Referrals that `user` may see, those that wait longest first."""
    found = Referral.visible_to(user).join(Organisation, Referral.payer_id == Organisation.id)
    found = found.where(Referral.programme_id == programme.id)
    if state is not None:
        found = found.where(Referral.state == state)
    if q:
        found = found.where(Referral.code.contains(as_typed(q), autoescape=True))
    columns = found.with_only_columns(
        Referral.id,
        Referral.code,
        Organisation.name.label("municipality"),
        Referral.age_band,
        Referral.referred_on,
        Referral.decline_reason,
        Referral.state,
    )
    return paged(columns.order_by(Referral.referred_on, Referral.code))


def samples_of(intake: Intake, user: Any) -> list[KeySample]:
    found = KeySample.visible_to(user).where(KeySample.intake_id == intake.id)
    return list(db.session.scalars(found.order_by(KeySample.created_at.desc())).unique())


def view_list(programme: Programme, user: Any) -> Paged:
    """The views that were given and asked for, newest first."""
    found = View.visible_to(user).join(Participant, View.participant_id == Participant.id)
    found = found.join(Effect, View.effect_id == Effect.id).where(View.programme_id == programme.id)
    columns = found.with_only_columns(
        View.id,
        Participant.id.label("participant_id"),
        Participant.code,
        Effect.companion,
        View.view,
        View.state,
        View.score,
        View.given_at,
        View.expires_on,
    )
    return paged(columns.order_by(View.created_at.desc(), View.id))


def view_averages(programme: Programme, user: Any) -> list[Any]:
    """(indicator, whose view, answers, sum of the scores) over the people whom `user` may see."""
    found = View.visible_to(user).join(Effect, View.effect_id == Effect.id)
    found = found.where(View.programme_id == programme.id, View.state == ViewState.GIVEN, View.score.is_not(None))
    columns = found.with_only_columns(Effect.companion, View.view, func.count(), func.sum(View.score))
    by = (Effect.position, Effect.companion, View.view)
    return list(db.session.execute(columns.group_by(*by).order_by(*by)).all())
