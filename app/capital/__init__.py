"""The money of investors: what they promised, paid in and get back.

`waterfall` is pure: drawdowns, receipts and costs in; who gets what, when, out. Tranches are served by rank; a loan
gets interest, then principal; a return tranche gets its capital, then all further money up to its IRR cap; a grant is
owed nothing. `day_count` counts interest days, `returns` reports multiple and XIRR.

Easiest rule to break: the IRR cap is tested before each distribution and rounded down, so it is never exceeded.
"""
