"""What a plan still lacks, and where that is mended."""

from enum import StrEnum


class Place(StrEnum):
    """Where one goes to mend a lack; the `key` beside it says which one."""

    PIECE = "piece"  # of the plan, by the key of the item
    WORK = "work"  # what an organisation does, by its id as text; so are the next two
    SHARES = "shares"
    DECLARATIONS = "declarations"
    LOT = "lot"  # for which the plan is
    PARTNERS = "partners"
    COVERAGE = "coverage"  # shares of all partners that do not add up
    CONFIRMATION = "confirmation"  # by the id of the organisation
    VETTING = "vetting"


class Lack(str):
    """A sentence that says what is missing."""

    place: Place
    key: str

    def __new__(cls, text: str, place: Place, key: object = "") -> "Lack":
        lack = super().__new__(cls, text)
        lack.place, lack.key = place, str(key)
        return lack
