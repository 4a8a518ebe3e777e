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
from app.outcomes.limits import limits_of
from app.outcomes.models import Claim, Measurement
from app.outcomes.worlds import Budget, Fact, Reader
from app.pricing.models import PriceTable
from app.programmes.models import Programme
from app.settlement.models import Settlement, SettlementLine, Statement
from tests.browser import soup
from tests.conftest import browser_of
from tests.world import person

ROOMS = "results|delivery|progress|settlements|holding|treasury|journal|trial-balance"
# "/transfers/" only of one kind of page each: all of them say the same.
KINDS = "batches|settlements|statements|distributions|transfers|ledger-accounts"
OF_EVERY_BOND = {"/", "/home", "/results"}
PAGES = re.compile(rf"^/(programmes/[-\w]+/({ROOMS})|({KINDS})/[-\w]+)(?:\?until=[-\d]+)?$")
READERS = {
    "public": "",
    "investor": "member",
    "investor2": "member",
    "hengelo": "payer",
    "government": "payer",
    "intermediary": "desk",  # these two know what was settled: see templates/intake/_dpia.html
    "auditor": "desk",
}
EXPECTED = {
    "": {"", "results"},
    "member": {"home", "results", "delivery", "progress", "holding", "transfers", "journal", "ledger-accounts"},
    "payer": {
        "home",
        "results",
        "delivery",
        "progress",
        "batches",
        "settlements",
        "statements",
        "transfers",
        "journal",
    },
    "desk": {
        "home",
        "results",
        "delivery",
        "progress",
        "settlements",
        "statements",
        "treasury",
        "transfers",
        "journal",
    },
}
# Headings under which a number counts no claims and no people who take part: prices, plans, promises, capital.
NO_PEOPLE = {
    "Planned", "Planned in all", "Planned by now", "Price", "Participants planned", "Reserved", "Places", "Of it",
    "Capital back",
    "Return on capital", "Together", "Quantity", "By the table", "To pay, and why", "Due on", "Bonds",
    "Committed", "Called", "Paid in", "Capital outstanding", "Capital distributed", "Return distributed", "Multiple",
    "Rate of return a year", "Payment reference",
    # a projection: of the published prices and what was distributed to this very investor (treasury.projection)
    "Signed for", "Counts now", "Paid in by then", "Distributed in all", "Success", "Paid back", "Return a year (XIRR)",
    "Participants who reach every effect",
    "In the books", "Approved, not yet paid by the bank", "At the bank, not booked", "At the bank",
    "The plan begins with",
    "Booked, on no statement yet", "Not explained by the statements", "Capital paid in and not spent",
    "Of it capital", "Of it from capital", "Of it from what municipalities paid", "Capital that is not in hand",
    "Set aside, not paid yet", "Free", "Not yet called", "Peak exposure",
}  # fmt: skip
# Lines that are alike, together: for who settles, and so knows how many there are of each.
SETTLED = {"How many", "Price of one"}
# Of transfers that the reader is a party to.
LEDGER = {"Amount", "Paid", "Debit", "Credit", "Balance, debit", "Balance, credit", "Debited", "Credited"}
LEDGER |= {"Opening balance", "Closing balance", "Balance after it"}
LEDGER_PAGES = (
    *("/transfers/", "/holding", "/treasury", "/distributions/"),
    *("/journal", "/trial-balance", "/ledger-accounts/"),
)


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
    found, seen = Read(), {*OF_EVERY_BOND}
    waiting = [*seen, *(f"/programmes/{bond.id}/{room}" for room in ROOMS.split("|"))]
    while waiting:
        address = waiting.pop()
        response = browser.get(address)
        if response.status_code != 200 or is_of_another(response, address, bond):
            continue
        main = about(soup(response).main, bond)
        found.pages.add(address.split("/")[3 if "programmes" in address else 1])
        read_page(main, address, found)
        for link in main.select("a[href]"):
            if PAGES.match(link["href"]) and link["href"] not in seen:
                seen.add(link["href"])
                waiting.append(link["href"])
    return found


def is_of_another(response, address, bond):
    """A reader who has a part in two bonds comes from its home to pages of the other one too."""
    if address in OF_EVERY_BOND:
        return False
    bonds = {link["href"].split("/")[2] for link in soup(response).select("a[href^='/programmes/']")}
    return bool(bonds) and str(bond.id) not in bonds


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
    if text.startswith("fewer than"):
        assert found.ranges.setdefault(of, (1, number - 1)) == (1, number - 1), (address, of)
        return
    assert found.numbers.setdefault(of, number) == number, (address, of)


def test_no_hidden_count_follows_from_all_the_pages(world, bond):
    cells = claims_of(bond)
    for who in READERS:
        read = read_everything(world, who, bond)
        if who == "intermediary":
            read.unexplained = [one for one in read.unexplained if one.split(": ")[1] not in SETTLED]
        assert read.pages >= EXPECTED[READERS[who]], (who, read.pages)
        assert not read.unexplained, f"{who} reads numbers that no decision covers: {read.unexplained}"
        mine = person(who).organisation_ids if READERS[who] == "payer" else ()
        own = [c for c in cells if c.payer in mine or (READERS[who] == "desk" and c.settlement)]
        hold_to_decision(who, read, cells, own, started_in(bond))
        attack(who, read, cells, own, only_after(bond))


def test_no_intake_follows_from_all_the_pages(world, bond):
    """The same for who takes part: two municipalities, and the whole."""
    started = {payer: number for (payer, _), number in started_in(bond).items()}
    for who in READERS:
        read = read_everything(world, who, bond)
        parts = [started[p] for p in started if f"intake;payer={str(p)[:8]}" in read.numbers]
        if "intake" in read.numbers and len(parts) == len(started) - 1:
            assert read.numbers["intake"] - sum(parts) >= 5, f"{who} takes the parts off the whole"


def started_in(bond):
    """How many take part, by municipality; one provider took them all in."""
    from app.extensions import db

    payers = db.session.scalars(select(Participant.payer_id).where(Participant.programme_id == bond.id))
    return {(payer, None): number for payer, number in Counter(payers).items()}


def only_after(bond):
    """(effect, what it requires) of the price table: nobody reaches the first before the second, and each once."""
    from app.extensions import db

    found = select(PriceTable).where(PriceTable.programme_id == bond.id, PriceTable.published_at.isnot(None))
    [table] = db.session.scalars(found).unique()
    ids = {effect.code: effect.id for effect in table.effects}
    once = {effect.id for effect in table.effects if effect.max_per_person == 1}
    pairs = [(effect.id, ids[code]) for effect in table.effects for code in effect.requires]
    assert pairs and {id for pair in pairs for id in pair} <= once
    return pairs


def of_cell(of, cell):
    """Whether a figure named in the markup counts this cell."""
    asked = dict(part.split("=") for part in of.removeprefix("amount;").split(";") if "=" in part)
    return all(str(getattr(cell, name) or False)[: None if name == "stage" else 8] == at for name, at in asked.items())


def hold_to_decision(who, read, cells, own, starts):
    """What is printed is true, and the decision lets it be printed to everybody, or to whom the residents are."""
    decided = told_of(cells, None, limits_of({cell.effect for cell in cells}), starts)
    told, amounts = ({key.words for key in keys} for keys in (decided.keys, decided.amounts))
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
            assert of.removeprefix("amount;") in amounts, f"{who} reads the amount of {of}, which is hidden"


def attack(who, read, cells, own, pairs):
    """Each small sum of what this reader does not know is another number in some world that prints the same. Who finds
    that world does not matter: each is held against the pages here."""
    unknown = [cell for cell in cells if cell not in own]
    pages = Pages(read, cells, pairs)
    small = [form for form in sums(unknown) if 0 < sum(cells[cell][0] for cell in form) < 5]
    assert small or READERS[who] == "desk", "nothing is at stake here, and the test proves nothing"
    secrets = {frozenset(map(unknown.index, form)): form for form in small}
    found = Reader([cells[cell][0] for cell in unknown], pages.facts(unknown), secrets, Budget()).world
    for secret, form in secrets.items():
        world = {unknown[place]: more for place, more in found.get(secret, ())}
        assert sum(world.get(cell, 0) for cell in form), f"{who} works out {form}"
        assert pages.same_in(world), f"{who} reads another number in {world}"


class Pages:
    """All that a reader read, to be held against another world."""

    def __init__(self, read, cells, pairs):
        self.cells, self.pairs = cells, pairs
        hidden = {of: (1, 4 if sign == "small" else 10**9) for of, sign in read.signs.items() if "amount" not in of}
        exact = {of: (self.real(of), self.real(of)) for of in read.numbers}
        said = {**hidden, **read.ranges, **exact}
        self.said = {of: ends for of, ends in said.items() if self.real(of) and not of.startswith("intake")}

    def real(self, of):
        return sum(sums[of.startswith("amount;")] for cell, sums in self.cells.items() if of_cell(of, cell))

    def facts(self, unknown):
        weights = {of: {n: self.weight(of, cell) for n, cell in enumerate(unknown)} for of in self.said}
        said = [Fact(weights[of], *(end - self.real(of) for end in ends)) for of, ends in self.said.items()]
        return [*said, *(Fact(weights, -room, 10**9) for weights, room in self.chains(unknown))]

    def chains(self, unknown):
        """Per municipality: which cells add to the room for an effect that requires another, which take of it, and how
        much there is."""
        for (later, first), payer in itertools.product(self.pairs, {cell.payer for cell in self.cells}):
            signs = {cell: self.sign(cell, later, first) for cell in self.cells if cell.payer == payer}
            room = sum(sign * self.cells[cell][0] for cell, sign in signs.items())
            assert room >= 0
            yield {n: signs.get(cell, 0) for n, cell in enumerate(unknown)}, room

    def sign(self, cell, later, first):
        if cell.effect == later and cell.stage == "signed_off":
            return -1
        return 1 if cell.effect == first and cell.stage in ("submitted", "verified", "signed_off") else 0

    def price(self, cell):
        return self.cells[cell][1] // self.cells[cell][0]

    def weight(self, of, cell):
        return (self.price(cell) if of.startswith("amount;") else 1) if of_cell(of, cell) else 0

    def same_in(self, world):
        if any(self.cells[cell][0] + more < 0 for cell, more in world.items()):
            return False
        for of, (least, most) in self.said.items():
            changed = sum(more * self.weight(of, cell) for cell, more in world.items())
            if changed and not least <= self.real(of) + changed <= most:
                return False
        more = list(world.values())
        return all(
            room + sum(weights[n] * changed for n, changed in enumerate(more)) >= 0
            for weights, room in self.chains(list(world))
        )


def sums(unknown):
    """Sums about which somebody may ask: by effect, municipality, stage and where they stand, or only some of these."""
    found: dict[tuple, list[Key]] = {}
    places = [*itertools.product((0, 1), repeat=3)]
    for cell, (effect, payer, stage), where in itertools.product(unknown, places, ("batch", "settlement", "paid", "")):
        name = (effect and cell.effect, payer and cell.payer, stage and cell.stage, where, getattr(cell, where, None))
        found.setdefault(name, []).append(cell)
    return found.values()
