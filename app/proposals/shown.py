"""What the pages of a plan show: answers as people read them, money over the years, what changed meanwhile."""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.calls.asked import ItemKind, PlanItem
from app.capital.models import standing_round
from app.consortia import vault
from app.consortia.lacks import Lack, Place
from app.consortia.models import Consortium
from app.consortia.queries import out_of_place
from app.core.format import basis_points, money, number
from app.extensions import db
from app.people.models import Organisation
from app.proposals.budget import Budget, Forecast, budget_of, forecast_of
from app.proposals.checks import lacking, lacking_parts, lacking_second
from app.proposals.content import DISCOUNT, VOLUMES, Content, SecondContent, plan_in, second_in
from app.proposals.models import Proposal
from app.proposals.pieces import Piece, cohort_of, pieces_of


def draft(consortium: Consortium) -> dict[str, Any]:
    """All that a consortium sees of its own draft: the pieces, the money, and what is lacking."""
    written = vault.read_all(consortium, files=False)
    plan, second = plan_in(written, consortium), second_in(written, consortium)
    budget = budget_of(plan["volumes"], consortium.call, cohort_of(consortium))
    return {
        "pieces": pieces_of(consortium),
        "content": plan,
        "second": second,
        "budget": budget,
        "forecast": forecast_for(consortium, budget, plan, second),
        "lacks": [
            *out_of_place(consortium),
            *lacking(plan, consortium.call, budget),
            *lacking_second(second, consortium),
            *lacking_parts(plan, consortium, budget),
        ],
        "in_money": in_money(consortium),
        "names": partner_names(second),
    }


def handed_in(proposal: Proposal, copy: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a plan that was handed in, from the consortium's own copy."""
    plan, second, consortium = copy["plan"], copy["discount"], proposal.consortium
    budget = budget_of(plan["volumes"], proposal.call, cohort_of(consortium))
    return {
        "pieces": pieces_of(consortium),
        "content": plan,
        "second": second,
        "budget": budget,
        "forecast": forecast_for(consortium, budget, plan, second),
        "in_money": in_money(consortium),
        "names": partner_names(second),
        "answer_of": answer_of,
    }


def mended(lacks: Iterable[Lack], proposal: Proposal | None, consortium: Consortium) -> list[tuple[Lack, str]]:
    """Each lack with the address where it is mended: the piece, the own part, or where somebody else's stands."""
    lacks = list(lacks)
    is_finished = all(lack.place in (Place.CONFIRMATION, Place.VETTING) for lack in lacks)
    confirms = url_for("proposals.confirm", id=proposal.id) if proposal is not None and is_finished else "#confirmed"
    return [(lack, _address_of(lack, consortium, confirms)) for lack in lacks]


OWN_PAGES = {
    Place.WORK: "consortia.edit_part",
    Place.SHARES: "consortia.share",
    Place.DECLARATIONS: "consortia.declare",
}


def _address_of(lack: Lack, consortium: Consortium, confirms: str) -> str:
    is_mine = lack.key in {str(key) for key in current_user.organisation_ids}
    if lack.place == Place.PIECE and lack.key:
        return url_for("proposals.write", id=consortium.id, key=lack.key)
    if lack.place == Place.COVERAGE:
        return url_for("consortia.cover", id=consortium.id, _anchor="shares")
    if is_mine and lack.place in OWN_PAGES:
        return url_for(OWN_PAGES[lack.place], id=consortium.id)
    if lack.place == Place.CONFIRMATION:
        return confirms if is_mine else "#confirmed"
    if lack.place in (Place.LOT, Place.PARTNERS):
        return url_for("consortia.show", id=consortium.id)
    return url_for("consortia.show", id=consortium.id, _anchor=f"part-{lack.key}")


def in_money(consortium: Consortium) -> Callable[[int], str]:
    return functools.partial(money, currency=consortium.call.programme.currency)


def budget_now(consortium: Consortium) -> Budget:
    """The volumes that are written, against every cap."""
    volumes = vault.read(consortium, VOLUMES) or {"numbers": {}}
    return budget_of(volumes["numbers"], consortium.call, cohort_of(consortium))


def forecast_for(consortium: Consortium, budget: Budget, plan: Content, second: SecondContent) -> Forecast:
    programme = consortium.call.programme
    standing = db.session.scalars(standing_round(programme.id)).first()
    capital = standing.committed_minor() if standing is not None else None
    return forecast_of(budget, plan.get("years", {}), second, programme.years, capital)


def partner_names(second: SecondContent) -> dict[str, str]:
    """The names of the organisations in the budget, by id as text."""
    named = {line["organisation_id"] for line in second["budget"]}
    found = db.session.execute(select(Organisation.id, Organisation.name)) if named else ()
    return {str(key): name for key, name in found if str(key) in named}


def answer_of(item: PlanItem, content: Mapping[str, Any]) -> str:
    """One answer of a plan in words; empty when there is none. Volumes and budget are shown by tables of their own."""
    answer = content["answers"].get(item.key)
    if answer in (None, ""):
        return ""
    return in_words(item.kind, answer)


def in_words(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == ItemKind.NUMBER:
        return number(value)
    if kind == ItemKind.FILE:
        return _("%(name)s, %(size)s kB, SHA-256 %(digest)s",
                 name=value["filename"], size=number(-(-value["size"] // 1024)), digest=value["sha256"])  # fmt: skip
    return basis_points(value) if kind == DISCOUNT else str(value)


def meanwhile(piece: Piece, consortium: Consortium, typed: Any) -> list[tuple[str, str]]:
    """What somebody else saved that differs from what stands in the form: (what, the saved answer)."""
    stored = vault.read(consortium, piece.slot)
    if piece.kind == ItemKind.VOLUMES:
        return _other_volumes(consortium, stored, typed)
    if piece.kind == ItemKind.BUDGET:
        return _other_lines(consortium, stored or [], typed or [])
    return [(str(piece.title), in_words(piece.kind, stored) or _("(empty)"))]


def _other_volumes(consortium: Consortium, stored: Any, typed: Any) -> list[tuple[str, str]]:
    empty: dict[str, dict[str, int]] = {"numbers": {}, "years": {}}
    stored, typed = stored or empty, typed or empty
    pairs = [("numbers", str(e.id), e.name) for e in consortium.call.table.effects if e.is_counted]
    pairs += [("years", str(year), _("Per cent in %(year)s", year=year)) for year in consortium.call.programme.years]
    return [
        (name, str(stored[group].get(key, 0)))
        for group, key, name in pairs
        if stored[group].get(key, 0) != typed[group].get(key, 0)
    ]


def _other_lines(consortium: Consortium, stored: list[Any], typed: list[Any]) -> list[tuple[str, str]]:
    partners = {str(p.organisation_id): p.organisation.name for p in consortium.taking_part}
    return [
        (f"{partners.get(line['organisation_id'], '–')}, {line['year']}",
         f"{line['what']} {in_money(consortium)(line['amount_minor'])}".strip())
        for line in stored
        if line not in typed
    ]  # fmt: skip
