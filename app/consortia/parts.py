"""A partner's own part of the plan: what it does, its share of work and money per effect, what it declares.

It lies in the vault (slot `part:<organisation id>`), is sealed with the plan as `content["parts"][organisation id]`,
and is what its digest covers: a change after a partner confirmed asks for it again.
"""

import uuid
from collections.abc import Iterable
from typing import Any, TypedDict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.calls.operations import refuse_national_id
from app.consortia import vault
from app.consortia.lacks import Lack, Place
from app.consortia.models import Consortium, Partner
from app.consortia.skills import Skill
from app.core import clock
from app.core.errors import Refused
from app.core.flow import Labelled
from app.people.models import User
from app.pricing.models import Effect
from app.programmes.models import LifeDomain

WHOLE = 100  # per cent


class Statement(Labelled):
    """What each organisation declares for itself."""

    MANDATORY_GROUNDS = "mandatory_grounds", _l("No mandatory ground for exclusion")
    TAXES = "taxes", _l("Taxes and social contributions are paid")
    OPTIONAL_GROUNDS = "optional_grounds", _l("No optional ground for exclusion")
    ELIGIBILITY = "eligibility", _l("The requirements for tenderers are met")


# What each statement says, and the article it comes from, by jurisdiction.
STATEMENTS: dict[Statement, tuple[Any, dict[str, str]]] = {
    Statement.MANDATORY_GROUNDS: (
        _l("In the past five years nobody who leads, represents or supervises us was convicted with finality of taking "
           "part in a criminal organisation, corruption, fraud, terrorism, money laundering, child labour or "
           "trafficking in human beings."),
        {"NL": "art. 2.86 Aw 2012", "BE": "art. 67 Wet 17.6.2016"},
    ),
    Statement.TAXES: (
        _l("We have paid our taxes and social security contributions, or keep to an agreement to pay them."),
        {"NL": "art. 2.86 lid 4 Aw 2012", "BE": "art. 68 Wet 17.6.2016"},
    ),
    Statement.OPTIONAL_GROUNDS: (
        _l("We are not bankrupt or being wound up, committed no grave professional misconduct, made no agreement that "
           "distorts competition, have no conflict of interest, did not help to prepare this call, and gave no false "
           "information."),
        {"NL": "art. 2.87 Aw 2012", "BE": "art. 69 Wet 17.6.2016"},
    ),
    Statement.ELIGIBILITY: (
        _l("Alone or together with our partners we meet the requirements for tenderers of this call."),
        {"NL": "art. 2.90 Aw 2012", "BE": "art. 71 Wet 17.6.2016"},
    ),
}  # fmt: skip


class Declared(TypedDict):
    """One answer: `clear` when the statement holds without more; else `words` say what is to be reported."""

    clear: bool
    words: str


class Share(TypedDict):
    """Whole per cents of the work for an effect, and of the money that it brings in."""

    work: int
    money: int


class OwnPart(TypedDict):
    """All of it. `shares` by effect id (str), `declarations` by `Statement` value, dated (`declared_at`, ISO 8601) and
    by name; `elsewhere` tells how this plan is kept apart from that of another consortium of the same call."""

    role: str
    contribution: str
    life_domains: list[str]
    skills: list[str]
    municipalities: list[str]
    shares: dict[str, Share]
    declarations: dict[str, Declared]
    declared_by: str
    declared_at: str
    elsewhere: str


def empty_part() -> OwnPart:
    return OwnPart(
        role="", contribution="", life_domains=[], skills=[], municipalities=[], shares={}, declarations={},
        declared_by="", declared_at="", elsewhere="",
    )  # fmt: skip


def slot_name(organisation_id: uuid.UUID) -> str:
    return f"part:{organisation_id}"


def part_of(consortium: Consortium, organisation_id: uuid.UUID) -> OwnPart:
    """One organisation's part, and nobody else's."""
    written = vault.read(consortium, slot_name(organisation_id))
    return OwnPart(**{**empty_part(), **(written or {})})  # type: ignore[typeddict-item]


def parts_of(consortium: Consortium) -> dict[str, OwnPart]:
    """The parts of all who take part, by organisation id; none of them once the plan is handed in."""
    written = vault.read_all(consortium, files=False)
    found = {str(p.organisation_id): written.get(slot_name(p.organisation_id)) for p in consortium.taking_part}
    return {key: OwnPart(**{**empty_part(), **value}) for key, value in found.items() if value}  # type: ignore[typeddict-item]


def shares_of(parts: dict[str, OwnPart], effect: Effect) -> tuple[int, int]:
    """What the partners say together of one effect: per cents of the work and of the money."""
    given = [part["shares"][str(effect.id)] for part in parts.values() if str(effect.id) in part["shares"]]
    return sum(one["work"] for one in given), sum(one["money"] for one in given)


def unfinished_part(part: OwnPart) -> list[Lack]:
    """What an organisation still has to say of itself."""
    lacks = []
    if not part["contribution"]:
        lacks.append(Lack(_("its part of the work"), Place.WORK))
    if not all(statement in part["declarations"] for statement in Statement):
        lacks.append(Lack(_("its declarations"), Place.DECLARATIONS))
    if not part["shares"]:
        lacks.append(Lack(_("its shares in the effects"), Place.SHARES))
    return lacks


def lacking(consortium: Consortium, parts: dict[str, OwnPart], promised: list[Effect]) -> list[Lack]:
    """What the parts lack before the plan can be handed in; `promised` are the effects that it gives a volume."""
    lacks = []
    for partner in consortium.taking_part:
        for what in unfinished_part(parts.get(str(partner.organisation_id)) or empty_part()):
            told = _("%(name)s has not given %(what)s yet.", name=partner.organisation.name, what=what)
            lacks.append(Lack(told, what.place, partner.organisation_id))
    for effect in promised:
        work, money = shares_of(parts, effect)
        if (work, money) != (WHOLE, WHOLE):
            told = _(
                "%(effect)s: the shares add up to %(work)d %% of the work and %(money)d %% of the money, not to 100.",
                effect=effect.name,
                work=work,
                money=money,
            )
            lacks.append(Lack(told, Place.COVERAGE, effect.id))
    return lacks


def write_part(
    consortium: Consortium, partner: Partner, part: OwnPart, *, actor: User, version: int | None = None
) -> None:
    """Inside an operation. The role, life domains, skills and municipalities stay readable in the row of the partner
    after the plan is handed in: its own consortium sees by them what it covers."""
    vault.write(consortium, slot_name(partner.organisation_id), part, actor=actor, version=version)
    partner.role, partner.municipalities = part["role"], part["municipalities"]
    partner.life_domains, partner.skills = part["life_domains"], part["skills"]


def work_of(
    role: str, contribution: str, life_domains: Iterable[str], skills: Iterable[str], municipalities: Iterable[str]
) -> dict[str, Any]:
    """The work of a part, its words in the order in which they are shown. Refused for a national number: the committee
    reads the parts (domain, section 9)."""
    refuse_national_id(role=role, contribution=contribution)
    return {
        "role": role,
        "contribution": contribution,
        "life_domains": _in_order(LifeDomain, life_domains),
        "skills": _in_order(Skill, skills),
        "municipalities": sorted(set(municipalities)),
    }


def _in_order(words: type[Labelled], chosen: Iterable[str]) -> list[str]:
    wanted = set(chosen)
    return [word.value for word in words if word in wanted]


def declared(answers: dict[str, Declared], actor: User) -> dict[str, Any]:
    """The declarations of a part, dated and by name. Refused where something is to be reported and not said,
    and where something is said although nothing is to be reported."""
    for statement in Statement:
        answer = answers.get(statement)
        if answer is None:
            raise Refused(_("Answer every declaration."), statement.value)
        if not answer["clear"] and not answer["words"]:
            raise Refused(_("Say what is to be reported."), f"{statement.value}_words")
        if answer["clear"] and answer["words"].strip():
            told = _("You chose “This is so”, yet something is reported. Empty this, or choose the other answer.")
            raise Refused(told, f"{statement.value}_words")
    return {
        "declarations": {statement.value: answers[statement] for statement in Statement},
        "declared_by": actor.name,
        "declared_at": clock.now().isoformat(timespec="seconds"),
    }
