"""What a plan holds as it is sealed: the plan in the first envelope, what it asks in money in the second."""

from typing import Any, NotRequired, TypedDict

from app.calls.asked import ItemKind, PlanItem
from app.consortia import vault
from app.consortia.models import Consortium

VOLUMES, BUDGET, DISCOUNT = "volumes", "budget", "discount"  # slots of the vault


class FileAnswer(TypedDict):
    """A file that answers an item. `size` is in bytes, `sha256` hex; the bytes stand in `Content.files`."""

    filename: str
    media_type: str
    size: int
    sha256: str


class Content(TypedDict):
    """`answers`: by item key a text, a whole number, a choice or a `FileAnswer`. `files`: base64 by item key.
    `volumes`: whole numbers of effects by effect id (str), zeros left out. `years`: whole per cents of them by calendar
    year, when the consortium expects them, adding up to 100 or empty. `parts`: what each organisation says of its own
    part, by its id. `salt`: random, laid in at sealing, so that nobody can guess a plan and compare digests.

    Plans that were opened before calls had items of their own have no `files`, `years` and `parts`."""

    answers: dict[str, Any]
    volumes: dict[str, int]
    salt: str
    files: NotRequired[dict[str, str]]
    years: NotRequired[dict[str, int]]
    parts: NotRequired[dict[str, Any]]


class BudgetLine(TypedDict):
    """What one partner spends on something in a calendar year, in minor units."""

    organisation_id: str
    year: int
    what: str
    amount_minor: int


class SecondContent(TypedDict):
    """What is opened once quality is frozen. `discount_bp`: basis points off every price, None: none is offered."""

    discount_bp: int | None
    budget: list[BudgetLine]
    salt: str


def gather_plan(consortium: Consortium, *, files: bool = True) -> Content:
    """The draft as the first envelope holds it, without its salt; `files=False` leaves the bytes of files out."""
    return plan_in(vault.read_all(consortium, files=files), consortium)


def gather_discount(consortium: Consortium) -> SecondContent:
    """The draft as the second envelope holds it, without its salt."""
    return second_in(vault.read_all(consortium, files=False), consortium)


def plan_in(written: dict[str, Any], consortium: Consortium) -> Content:
    """The plan in what `vault.read_all` gave: only what the call asks now, and the parts of those who take part now."""
    volumes = written.get(VOLUMES) or {}
    partners = [str(partner.organisation_id) for partner in consortium.taking_part]
    return Content(
        answers=_by_key("answer", written, consortium),
        files=_by_key("file", written, consortium),
        volumes={effect: number for effect, number in volumes.get("numbers", {}).items() if number},
        years={year: part for year, part in volumes.get("years", {}).items() if part},
        parts={key: written[f"part:{key}"] for key in partners if f"part:{key}" in written},
        salt="",
    )


def second_in(written: dict[str, Any], consortium: Consortium) -> SecondContent:
    return SecondContent(
        discount_bp=written.get(DISCOUNT) if consortium.call.allows_discount else None,
        budget=written.get(BUDGET) or [],
        salt="",
    )


def _by_key(kind: str, written: dict[str, Any], consortium: Consortium) -> dict[str, Any]:
    asked = [item.key for item in consortium.call.items]
    return {key: written[f"{kind}:{key}"] for key in asked if f"{kind}:{key}" in written}


def slot_of_item(item: PlanItem) -> str:
    """Where the answer to an item lies in the vault."""
    return {ItemKind.VOLUMES: VOLUMES, ItemKind.BUDGET: BUDGET}.get(item.kind, f"answer:{item.key}")


def make_content(answers: dict[str, Any], volumes: dict[Any, int], years: dict[int, int] | None = None) -> Content:
    """A plan of these answers (by item key), volumes (by effect id) and years (per cents), no salt yet."""
    return Content(
        answers={key: answer for key, answer in answers.items() if answer not in ("", None)},
        files={},
        volumes={str(effect): number for effect, number in volumes.items() if number},
        years={str(year): part for year, part in (years or {}).items()},
        parts={},
        salt="",
    )
