"""Every page of the living bond, read as an attacker reads it: no hidden count of 1 to 4 can be worked out (domain, 9).

Written apart from the decision: it reads what the pages print (`data-figure` says what a number counts), counts the
claims itself, and looks for another world that would have printed the very same pages. A number without that mark must
stand under a heading that counts no people; so a page that counts for itself fails here.
"""

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from app.intake.models import Participant
from app.outcomes.disclosure import STAGE_OF, Key, told_of
from app.outcomes.models import Claim, Measurement
from app.programmes.models import Programme
from app.settlement.models import Settlement, SettlementLine, Statement
from tests.browser import soup
from tests.conftest import browser_of
from tests.world import person

ROOMS = "results|delivery|progress|settlements|holding|treasury"
# "/transfers/" only of one kind of page each: all of them say the same.
PAGES = re.compile(rf"^/(programmes/[-\w]+/({ROOMS})|(batches|settlements|statements|distributions|transfers)/[-\w]+)$")
READERS = {
    "public": "",
    "investor": "member",
    "investor2": "member",
    "hengelo": "payer",
    "government": "payer",
    "intermediary": "desk",
}
EXPECTED = {
    "": {"", "results"},
    "member": {"home", "results", "delivery", "progress", "holding", "transfers"},
    "payer": {"home", "results", "delivery", "progress", "batches", "settlements", "statements", "transfers"},
    "desk": {"home", "results", "delivery", "progress", "settlements", "statements", "treasury", "transfers"},
}
# Headings under which a number counts no claims and no people who take part: prices, plans, promises, capital.
NO_PEOPLE = {
    "Planned", "Planned in all", "Planned by now", "Price", "Participants planned", "Reserved", "Places", "Of it",
    "Capital back",
    "Return on capital", "Together", "Quantity", "By the table", "To pay, and why", "Due on", "Bonds",
    "Committed", "Called", "Paid in", "Outstanding", "Capital returned", "Return received", "Multiple",
    "Rate of return a year", "Payment reference",
    # a projection: of the published prices and what was distributed to this very investor (treasury.projection)
    "Allotted", "Distributed in all", "Success", "Paid back", "Return a year (XIRR)",
    "On the bank account", "Waits for a second person", "Free", "Not yet called", "Peak exposure",
}  # fmt: skip
LEDGER = {"Amount", "Paid"}  # of transfers that the reader is a party to
LEDGER_PAGES = ("/transfers/", "/holding", "/treasury", "/distributions/")


@dataclass
class Read:
    """What one reader found: by figure the number, or its sign; and numbers that nothing explains."""

    numbers: dict[str, int] = field(default_factory=dict)
    signs: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)


@pytest.fixture
def bond(world):
    from app.extensions import db

    found = select(Programme).where(Programme.title == "SIB Jongvolwassenen Enschede en Hengelo")
    return db.session.scalars(found).unique().one()


def claims_of(bond):
    """(count, paid) of the claims by what they are, counted one by one."""
    from app.extensions import db

    cells: dict[Key, tuple[int, int]] = {}
    lines = select(SettlementLine).join(SettlementLine.settlement)
    lines = lines.where(Settlement.programme_id == bond.id, Settlement.state != "discarded")
    standing = {line.proof_id: line for line in db.session.scalars(lines)}
    states = {(s.settlement_id, s.payer_id): s.state for s in db.session.scalars(select(Statement))}
    claims = [*db.session.scalars(select(Claim).where(Claim.programme_id == bond.id))]
    for claim in [*claims, *db.session.scalars(select(Measurement).where(Measurement.programme_id == bond.id))]:
        if claim.state not in STAGE_OF:
            continue
        payer = claim.payer_id if isinstance(claim, Measurement) else claim.participant.payer_id
        line = standing.get(claim.id)
        settled = line.settlement_id if line else None
        paid = str(states.get((settled, payer), "")) == "paid"
        key = Key(claim.effect_id, payer, STAGE_OF[claim.state], claim.batch_id, settled, paid)
        count, amount = cells.get(key, (0, 0))
        cells[key] = (count + 1, amount + (line.paid_minor if line else 0))
    return cells


def read_everything(world, who, bond):
    """Follow every link to a page that tells figures of this bond, and read them all."""
    browser = browser_of(world, person(who) if READERS[who] else None)
    browser.get("/language/en")
    found, seen = Read(), {"/", "/home", "/results"}
    waiting = [*seen, *(f"/programmes/{bond.id}/{room}" for room in ROOMS.split("|"))]
    while waiting:
        address = waiting.pop()
        response = browser.get(address)
        if response.status_code != 200:
            continue
        main = about(soup(response).main, bond)
        found.pages.add(address.split("/")[3 if "programmes" in address else 1])
        read_page(main, address, found)
        for link in main.select("a[href]"):
            if PAGES.match(link["href"]) and link["href"] not in seen:
                seen.add(link["href"])
                waiting.append(link["href"])
    return found


def about(main, bond):
    """The page without the rows and cards of other bonds."""
    for part in main.select("tr, section.card, article"):
        links = {link["href"].split("/")[2] for link in part.select("a[href^='/programmes/']")}
        if links and str(bond.id) not in links:
            part.decompose()
    return main


def read_page(main, address, found):
    for mark in main.select("[data-figure]"):
        note(found, mark["data-figure"], mark.get_text(" ", strip=True), address)
    printed = {mark.get_text(strip=True) for mark in main.select("[data-figure]")}
    for cell in main.select("td.num, th.num[scope=row], dd.figure__value"):
        text = cell.get_text(strip=True)
        if cell.select("[data-figure]") or not re.search(r"[1-9]", text) or is_harmless(heading(cell), address):
            continue
        if cell.find_parent("figure") and text in printed:
            continue  # a chart of figures that stand in the table below it
        found.unexplained.append(f"{address}: {heading(cell)}: {text}")


def is_harmless(head, address):
    return head in NO_PEOPLE or (head in LEDGER and any(part in address for part in LEDGER_PAGES))


def heading(cell):
    if cell.name == "dd":
        return cell.find_previous_sibling("dt").get_text(strip=True)
    row = cell.find_parent("tr")
    heads = cell.find_parent("table").select("thead tr > *")
    return heads[row.find_all(["th", "td"], recursive=False).index(cell)].get_text(strip=True)


def note(found, of, text, address):
    """A number, "<5", or "hidden"; two pages may not say different things about one figure."""
    if of.endswith("rows"):
        return  # of lines that this reader sees one by one on the same page
    if not re.search(r"\d", text) or text.startswith("<5"):
        found.signs[of] = "small" if text.startswith("<5") else found.signs.get(of, "hidden")
        return
    if "left;" in of:
        return  # the ceiling, which is public, less the amount beside it
    if "–" in text:
        ends = [int(re.sub(r"\D", "", end)) * (100 if "€" in end else 1) for end in text.split("–")]
        assert found.ranges.setdefault(of, tuple(ends)) == tuple(ends), (address, of)
        return
    number = int(re.sub(r"\D", "", text))
    assert found.numbers.setdefault(of, number) == number, (address, of)


def test_no_hidden_count_follows_from_all_the_pages(world, bond):
    cells = claims_of(bond)
    for who in READERS:
        read = read_everything(world, who, bond)
        assert read.pages >= EXPECTED[READERS[who]], (who, read.pages)
        assert not read.unexplained, f"{who} reads numbers that no decision covers: {read.unexplained}"
        mine = person(who).organisation_ids if READERS[who] == "payer" else ()
        own = [c for c in cells if c.payer in mine or (READERS[who] == "desk" and c.settlement)]
        hold_to_decision(who, read, cells, own)
        attack(who, read, cells, own)


def test_no_intake_follows_from_all_the_pages(world, bond):
    """The same for who takes part: two municipalities, and the whole."""
    from app.extensions import db

    payers = db.session.scalars(select(Participant.payer_id).where(Participant.programme_id == bond.id))
    started = Counter(payers)
    for who in READERS:
        read = read_everything(world, who, bond)
        parts = [started[p] for p in started if f"intake;payer={str(p)[:8]}" in read.numbers]
        if "intake" in read.numbers and len(parts) == len(started) - 1:
            assert read.numbers["intake"] - sum(parts) >= 5, f"{who} takes the parts off the whole"


def of_cell(of, cell):
    """Whether a figure named in the markup counts this cell."""
    asked = dict(part.split("=") for part in of.removeprefix("amount;").split(";") if "=" in part)
    return all(str(getattr(cell, name) or False)[: None if name == "stage" else 8] == at for name, at in asked.items())


def hold_to_decision(who, read, cells, own):
    """What is printed is true, and the decision lets it be printed to everybody, or to whom the residents are."""
    told = {key.words for key in told_of(cells).keys}
    for of, (low, high) in read.ranges.items():
        assert low <= sum(cells[c][of.startswith("amount;")] for c in cells if of_cell(of, c)) <= high, (who, of)
    for of, number in read.numbers.items():
        counted = [cell for cell in cells if of_cell(of, cell)]
        if of.startswith("intake") or not counted:
            continue
        place = 1 if of.startswith("amount;") else 0
        if set(counted) <= set(own):
            continue
        if place == 0:
            assert number == sum(cells[cell][0] for cell in counted), (who, of)
            assert of in told, f"{who} reads {of}, which is hidden"
        elif READERS[who] != "desk":
            parts = {key_of(of, cell.effect) for cell in counted}
            assert parts <= told, f"{who} reads the amount of {of}, and with the price its counts"


def key_of(of, effect):
    asked = dict(part.split("=") for part in of.removeprefix("amount;").split(";") if "=" in part)
    asked["effect"] = str(effect)[:8]
    return ";".join(f"{name}={asked[name]}" for name in Key._fields if name in asked)


def attack(who, read, cells, own):
    """Each small sum of what this reader does not know has another world that prints the same."""
    unknown = [cell for cell in cells if cell not in own]
    columns = {cell: column(cell, read, cells) for cell in unknown}
    signs = {of: sum(cells[cell][0] for cell in cells if of_cell(of, cell)) for of in read.signs if "amount" not in of}
    small = [form for form in sums(unknown) if 0 < sum(cells[cell][0] for cell in form) < 5]
    assert small or READERS[who] == "desk", "nothing is at stake here, and the test proves nothing"
    for form in small:
        others = [None, *(cell for cell in unknown if cell not in form)]
        pairs = ((one, other) for one, other in itertools.product(form, others) if same(columns, one, other))
        moves = ((less, more) for pair in pairs for less, more in (pair, pair[::-1]))
        fitting = (move for move in moves if unseen(read, signs, *move) and inside(read, cells, *move))
        assert next(fitting, None), f"{who} works out {form}"


def column(cell, read, cells):
    """What each number that is read says of this cell: in it or not, and at what price."""
    count, amount = cells[cell]
    price = amount / count if amount else 1
    return tuple((price if of.startswith("amount;") else 1) if of_cell(of, cell) else 0 for of in read.numbers)


def same(columns, one, other):
    return columns[one] == columns[other] if other else not any(columns[one])


def unseen(read, signs, less, more):
    """Whether every sign stays: a hidden figure is above zero, one marked as small at most 4."""
    for of, total in signs.items():
        moved = (more is not None and of_cell(of, more)) - (less is not None and of_cell(of, less))
        if total and (total + moved < 1 or (read.signs[of] == "small" and total + moved > 4)):
            return False
    return True


def inside(read, cells, less, more):
    """Whether every range still holds what it stands for."""
    for of, (low, high) in read.ranges.items():
        place = int(of.startswith("amount;"))
        total = sum(cells[cell][place] for cell in cells if of_cell(of, cell))
        for cell, sign in ((less, -1), (more, 1)):
            if cell is not None and of_cell(of, cell):
                total += sign * (cells[cell][1] // cells[cell][0] if place else 1)
        if not low <= total <= high:
            return False
    return True


def sums(unknown):
    """Sums about which somebody may ask: by effect, municipality, stage and where they stand, or only some of these."""
    found: dict[tuple, list[Key]] = {}
    places = [*itertools.product((0, 1), repeat=3)]
    for cell, (effect, payer, stage), where in itertools.product(unknown, places, ("batch", "settlement", "paid", "")):
        name = (effect and cell.effect, payer and cell.payer, stage and cell.stage, where, getattr(cell, where, None))
        found.setdefault(name, []).append(cell)
    return found.values()
