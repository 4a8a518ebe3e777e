"""Rehearse a bond: from a file, or under assumptions, with the very functions that settle live bonds.

A *what-if* takes *assumptions* (a price table, a cohort, a low, expected and high rate per effect, timing, capital),
makes facts of them without chance, values them by `pricing.valuation` and hands the money out by `capital.waterfall`;
ten thousand seeded *draws* in vector form show the spread. A *scenario* is a what-if that an organisation saved. The
vector form (`drawn_payments`, `drawn_returns`) is held to the engine by tests, draw by draw.

`flask replay FILE` reads `replay/1`, needs no database and explains each line. Easiest to break: a rule that lives here
and not in `pricing.valuation` or `capital.waterfall`, so that rehearsal and settlement part ways.

We read one thing more than replay/1: `prices`, amounts by payer id, on an effect with a `price` (per_person
without tiers, per_unit, difference, fee) or inside a tier. A payer named there pays that per unit instead of `price`.
Only under the payer rule residence, where each fact has one payer; else it is refused. A file without it reads as ever.
"""
