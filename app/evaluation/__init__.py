"""From sealed plans to a final award, fair enough to stand in court.

*Sealed -> scoring -> consensus -> decided (standstill) -> final.* Two officials named in the call open after the
deadline; at least three scorers declare no conflict of interest, score alone with a motivation and lock before they
see each other's scores; the consensus gives the ranking; every bidder hears the decision with reasons, and the
standstill (20 days NL, 15 BE) passes before the award is final.
Easiest to break: showing a score to a colleague who has not locked.
"""
