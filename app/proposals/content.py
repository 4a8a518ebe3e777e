"""What a plan holds. The same for every call in this version."""

from typing import Any, TypedDict

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled


class Section(Labelled):
    """The parts of the text, in the order in which they are written and read."""

    APPROACH = "approach", _l("Approach")
    TEAM = "team", _l("Team and roles")
    PLANNING = "planning", _l("Planning")
    RISKS = "risks", _l("Risks")


class Content(TypedDict):
    """`sections`: text by `Section` value. `volumes`: whole numbers of effects by effect id (str), zeros left out.
    `salt`: random, laid in at sealing, so that nobody can guess a plan and compare digests."""

    sections: dict[str, str]
    volumes: dict[str, int]
    salt: str


def make_content(sections: dict[str, str], volumes: dict[Any, int]) -> Content:
    """The content as it is sealed: every section present, no effect with volume zero, no salt yet."""
    return Content(
        sections={section.value: sections.get(section.value) or "" for section in Section},
        volumes={str(effect): number for effect, number in volumes.items() if number},
        salt="",
    )


def same(one: Content, other: Content) -> bool:
    """Do two plans say the same? The salt says nothing."""
    return one["sections"] == other["sections"] and one["volumes"] == other["volumes"]
