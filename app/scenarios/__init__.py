"""Rehearse a bond: from a file, or under assumptions, with the very functions that settle live bonds.

`flask replay FILE` reads `replay/1`, needs no database and explains each line. A *what-if* takes *assumptions* (a price
table, a cohort, a low, expected and high rate per effect, timing, capital), makes facts of them without chance, values
them by `pricing.valuation` and hands the money out by `capital.waterfall`; ten thousand seeded *draws* in vector form
show the spread. A *scenario* is a what-if that an organisation saved.
Easiest to break: a rule that lives here and not in `pricing.valuation` or `capital.waterfall`, so that rehearsal and
settlement part ways; the vector form (`drawn_payments`, `drawn_returns`) is held to them by tests, draw by draw.
"""
