"""The price-per-effect table, and what proven effects are worth under it.

A council promises beforehand what it pays for each proven effect. `terms` holds that promise as plain values, `gross`
prices the facts (steps 1-6 of the order of operations), `caps` and `pro_rata` keep them within the limits (7-11),
`valuation` splits what is left over the payers, takes VAT out and adds it up per statement (12-13).

The calculation knows no database and no request: the same functions settle a live bond and replay one from a file.
Easiest rule to break: an amount is rounded once, after deadweight; from there on everything is whole steps.
"""
