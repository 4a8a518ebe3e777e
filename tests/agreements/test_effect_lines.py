"""What an agreement says of the prices and of the volumes of the plan, also where an effect has no single price."""

from app.agreements.queries import effect_lines

TERMS = {
    "payers": [{"organisation": {"id": "enschede"}}, {"organisation": {"id": "hengelo"}}],
    "volumes": {"home": 10, "work": 10, "calm": 1},
}


def line(**said):
    effect = {"code": "home", "name": "A home", "life_domain": "home", "price_minor": 0, "deadweight_bp": 0} | said
    return effect_lines(TERMS | {"table": {"effects": [effect]}})[0]


def test_two_payers_two_prices():
    """10 x 800 at the most: the default price of 0 is paid by nobody."""
    found = line(payer_prices={"enschede": 60_000, "hengelo": 80_000})
    assert (found.price_range, found.amount_minor) == ((60_000, 80_000), 800_000)


def test_one_of_two_pays_the_default():
    found = line(price_minor=70_000, payer_prices={"hengelo": 60_000, "elsewhere": 99_900})
    assert found.price_range == (60_000, 70_000)


def test_tiers_count_on():
    """The first 4 at 500, the next 6 at 300."""
    tiers = [{"up_to": 4, "price_minor": 50_000}, {"up_to": None, "price_minor": 30_000}]
    assert line(tiers=tiers).amount_minor == 4 * 50_000 + 6 * 30_000


def test_an_effect_that_the_plan_does_not_promise_costs_nothing():
    assert line(code="other", price_minor=70_000).amount_minor == 0
