"""Step 8 and the capital before it: called, spent, settled, paid, distributed, and each cent followed back.

All capital that is called is spent, so that what is distributed can only be what the municipalities paid.
"""

from app.demonstration.people import PASSWORD
from tests.story.stage import WHEN, Stage


def call_capital(stage: Stage) -> None:
    desk, second = stage["intermediary"], stage["treasurer"]
    with stage.at(-60):
        desk.open(f"{stage.places['bond']}/treasury")
        desk.follow("/programmes/*/capital-calls/prepare")
        due = WHEN.day(-40).isoformat()
        desk.fill({"amount": "120.000,00", "purpose": "Eerste half jaar", "notice_days": 14, "due_on": due})
        stage.places["capital call"] = desk.is_at("/capital-calls/*")
        desk.is_refused(f"{stage.places['capital call']}/approve", 403)
        second.open(stage.places["capital call"])
        second.follow("/capital-calls/*/approve")
        second.fill({"password": PASSWORD})
    with stage.at(-48):
        for investor in ("Twents Fonds voor Kansen", "Oosterbank Maatschappelijk"):
            desk.open(stage.places["capital call"])
            desk.follow("/capital-calls/*/parts/*/receive", beside=investor)
            desk.fill({"password": PASSWORD})
            desk.is_at("/capital-calls/*")
    stage["investor"].open(f"{stage.places['bond']}/holding")
    stage["investor"].sees("40.000,00")  # 200,000 of 600,000: a third of what is called
    stage["investor"].does_not_see("Oosterbank")


def pay_costs(stage: Stage) -> None:
    desk, second = stage["treasurer"], stage["intermediary"]
    with stage.at(12):
        desk.open(f"{stage.places['bond']}/treasury")
        desk.follow("/programmes/*/costs/prepare")
        desk.fill(
            {"organisation": "Stichting De Brugslag", "amount": "120.000,00", "description": "Begeleiding, half jaar"}
        )
        cost = desk.is_at("/costs/*")
        second.open(cost)
        second.follow("/costs/*/approve")
        second.fill({"password": PASSWORD})
        second.is_at("/costs/*")


def settle(stage: Stage) -> None:
    desk, second = stage["intermediary"], stage["treasurer"]
    with stage.at(185):
        desk.open(f"{stage.places['bond']}/settlements")
        desk.follow("/programmes/*/settlements/prepare")
        desk.fill({"period_to": WHEN.half_year_end.isoformat()})
        stage.places["settlement"] = desk.is_at("/settlements/*")
        desk.sees("5.400,00", "2.100,00")  # Enschede: 600 + 4,800; Hengelo: 600 + 1,500
        desk.is_refused(f"{stage.places['settlement']}/check", 403)
        second.open(stage.places["settlement"])
        second.follow("/settlements/*/check")
        second.fill({"password": PASSWORD})


def approve_statements(stage: Stage) -> None:
    """Each municipality for its own residents, and only those."""
    with stage.at(190):
        for name, own, other in (("government", "5.400,00", "2.100,00"), ("hengelo", "2.100,00", "5.400,00")):
            payer = stage[name]
            payer.wakes_to("/statements/*")
            payer.sees(own)
            payer.does_not_see(other)
            stage.places[f"statement {name}"] = payer.path
            payer.follow("/statements/*/approve")
            payer.fill({"password": PASSWORD})
            payer.is_at("/statements/*")
        stage["hengelo"].is_refused(stage.places["statement government"], 404)


def receive_payments(stage: Stage) -> None:
    desk = stage["intermediary"]
    with stage.at(200):
        for amount in ("5.400,00", "2.100,00"):
            desk.open(f"{stage.places['bond']}/treasury")
            desk.follow("/statements/*/receive", beside=amount)
            desk.fill({"amount": amount, "password": PASSWORD})
            desk.is_at("/programmes/*/treasury")


def distribute(stage: Stage) -> None:
    desk, second = stage["intermediary"], stage["treasurer"]
    with stage.at(210):
        desk.open(f"{stage.places['bond']}/treasury")
        desk.follow("/programmes/*/distributions/prepare")
        desk.fill({"reserve": "0"})
        desk.sees("7.500,00")
        desk.fill()
        stage.places["distribution"] = desk.is_at("/distributions/*")
        second.open(stage.places["distribution"])
        second.follow("/distributions/*/approve")
        second.fill({"password": PASSWORD})


def look_at_holdings(stage: Stage) -> None:
    """Senior goes first: all of it is the bank's; each investor sees its own."""
    with stage.at(211):
        bank, fund = stage["investor2"], stage["investor"]
        bank.open(f"{stage.places['bond']}/holding")
        bank.sees("7.500,00", "80.000,00")
        bank.does_not_see("Twents Fonds")
        fund.open(f"{stage.places['bond']}/holding")
        fund.sees("40.000,00")
        fund.does_not_see("Oosterbank", "7.500,00 ")


def follow_a_cent(stage: Stage) -> None:
    """From the bank's money back to the effect, the signature and the price table; an investor stops at sums."""
    desk, bank = stage["intermediary"], stage["investor2"]
    with stage.at(212):
        desk.open(stage.places["distribution"])
        desk.follow("/transfers/*", beside="7.500,00")
        stage.places["transfer"] = desk.path
        desk.sees("7.500,00", "Gemeente Enschede", "Gemeente Hengelo", "Werk, 13 weken behouden")
        assert len(desk.finds("/statements/*")) == 2
        desk.sees("llustrati")  # said on every page with these prices, in every language
        follow_the_statement(stage)
        desk.open(stage.places["transfer"])
        desk.follow("/prices/*")
        assert desk.path == stage.places["table"]
        bank.open(f"{stage.places['bond']}/holding")
        bank.follow("/transfers/*", beside="7.500,00")
        assert not bank.finds("/claims/*") and not bank.finds("/batches/*")


def follow_the_statement(stage: Stage) -> None:
    """To the statement of a municipality, to the settlement, and to the batch that the assessor signed."""
    desk = stage["intermediary"]
    statement, *_ = desk.finds("/statements/*", "2.100,00")
    batch, *_ = desk.finds("/batches/*")
    (settlement,) = set(desk.finds("/settlements/*"))
    assert settlement == stage.places["settlement"] and batch == stage.places["batch"]
    desk.open(statement)
    desk.sees("2.100,00", "Gemeente Hengelo")
    desk.open(batch)
    desk.sees("Hanna Visser", "Wat de toetser voor de uitvoerder schreef, is hier weggelaten")
