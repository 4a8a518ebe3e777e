"""The price-per-effect table: what the government promises beforehand to pay per proven effect.

*Draft -> in review -> approved by another person -> published -> superseded.* A published table never changes: a new
one takes the next `number` and supersedes it; agreements keep theirs. An *effect* says who, what, threshold, unit and
period, its evidence and its price in minor units. `valuation` is pure: facts in, amounts with reasons out.
`gates` judges what may be published (D1-D11 definability, C1-C6 cashability, grade A-C); an official may override a
gate of a draft by name, never grade C.
Easiest to break: showing a price without saying that it is illustrative when it is.
"""
