"""The short scales on which a baseline is taken; a bond chooses one when its intake opens.

A scale says where it comes from and under which licence its words may be used. The words here are ours.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled


class Scale(Labelled):
    FIVE_STEPS = "five_steps", _l("five steps of self-reliance")
    LADDER = "ladder", _l("ladder of 0 to 10")


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """`levels`: what may be scored, the worst first, each with what it means; `source` names origin and licence."""

    source: Any
    question: Any
    levels: tuple[tuple[int, Any], ...]


SCALES: dict[Scale, ScaleWords] = {
    Scale.FIVE_STEPS: ScaleWords(
        source=_l(
            "Wording of this portal, after the custom of self-sufficiency scales of five steps; not a validated "
            "instrument. Free to use (CC0)."
        ),
        question=_l("How far does the participant manage alone?"),
        levels=(
            (1, _l("1: acute problem, others must act")),
            (2, _l("2: does not manage, help every day")),
            (3, _l("3: manages with weekly help")),
            (4, _l("4: manages with help now and then")),
            (5, _l("5: manages alone")),
        ),
    ),
    Scale.LADDER: ScaleWords(
        source=_l(
            "The self-anchoring ladder (H. Cantril, 1965), asked per life domain; the question is worded by this "
            "portal. Free to use (CC0)."
        ),
        question=_l("Where on the ladder does the participant stand, from the worst (0) to the best life (10)?"),
        levels=tuple((number, str(number)) for number in range(11)),
    ),
}
