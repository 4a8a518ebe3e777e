"""Of what a bond pays back to a municipality, only what was among the receipts is a cost of the investors.

Source: replay/1, capital: receipts are what municipalities pay for effects, less VAT. Amounts by hand.
"""

from app.treasury.owed_back import Owed, _spend


def test_first_in_first_out_and_to_the_cent():
    """50.00 paid too much, then 2,000.00 by a statement below zero, of which 347.11 is VAT.

    30.00 leaves of the first alone; 1,000.00 takes its last 20.00 and 980.00 of the second: 980 x 1,652.89 / 2,000 =
    809.9161, rounded down; what is left holds the rest.
    """
    queue = [Owed(5_000, 0), Owed(200_000, 165_289)]
    assert _spend(queue, 3_000) == 0
    assert _spend(queue, 100_000) == 80_991
    assert _spend(queue, 102_000) == 165_289 - 80_991
    assert [one.gone_minor for one in queue] == [5_000, 200_000]
