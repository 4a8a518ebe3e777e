"""How effects are proven: an independent assessor judges what providers claim, all of it or a sample, and signs.

Where the agreement says how effects are verified, claims are judged in a *docket*: a batch that is locked, then drawn
from when the agreement asks for a sample, judged, concluded and signed off; *locked -> checking -> ready -> signed*.
Where it says nothing, every claim is judged as it comes. The signed statement is `outcomes.models.Batch`. Sampling
itself is pure (`sampling`), so that assessor and auditor make a draw again without the portal (`flask repeat-draw`).
Easiest to break: a seed that is there before the list is locked, money on the page of a judge, or a figure of a sample
that gives away a count of 1 to 4 (`telling`).
"""
