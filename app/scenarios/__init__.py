"""Rehearse a bond: replay it from a file with the very functions that settle live bonds.

`flask replay FILE` reads `replay/1`, needs no database and explains each line. Easiest to break: a rule that lives here
and not in `pricing.valuation` or `capital.waterfall`, so that rehearsal and settlement part ways.
"""
