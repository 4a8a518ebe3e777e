"""A duration that an effect says in words, in English or Dutch, while no clock counts it.

A warning and no fault: “six months” may also be the period that is looked at. What counts are a number, in digits or a
word, and a unit of time; not a deadline (“within 13 weeks”) nor an age.
"""

import re

from app.pricing.models import Effect, EffectKind

COUNTED = (
    r"\d{1,3}(?!\d)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|eighteen|twenty(?:-\w+)?"
    r"|fifty-two|(?:half|quarter of) an?|anderhalve?|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf"
    r"|dertien|achttien|twintig|zesentwintig|tweeënvijftig|half"
)
UNITS = r"days?|weeks?|months?|dag(?:en)?|we(?:ek|ken)|maand(?:en)?"
YEARS = r"(?:\d(?!\d)|10|one|two|three|half an?|een|één|twee|drie|half|anderhalf)[\s-]+(?:years?|ja(?:ar|ren))"
BEFORE = r"(?<!\bwithin )(?<!\bbinnen )(?<!\bper )(?<![\d,.])"
AFTER = r"(?!\s+(?:an?|per|each|every|old|oud|of age)\b)"  # “4 days a week” says how often
DURATION = re.compile(
    rf"{BEFORE}\b(?:(?:{COUNTED})[\s-]*(?:{UNITS})|{YEARS}|half[\s-]?(?:year|jaar)|kwartaal)\b{AFTER}", re.IGNORECASE
)
TEXTS = ("sustained", "name", "definition")


def duration_in_words(effect: Effect) -> str | None:
    """As it is said, such as “13 weeks”; None where none is, where a clock counts it, or where nothing is reached by
    one person once."""
    if effect.lasts or effect.kind != EffectKind.PER_PERSON:
        return None
    said = (DURATION.search(getattr(effect, name) or "") for name in TEXTS)
    return next((one.group() for one in said if one is not None), None)
