"""Who comes in: participants, known by a pseudonym, frozen to a municipality at intake.

A *participant* exists only as a code, an age band and a municipality; what is claimed for it stands in `outcomes`.
`suppression` decides which counts of people may be shown, here and in every package above.
Easiest to break: letting anyone but provider, assessor and the participant's own municipality see a row about a person,
or storing a national number (refused in every text about a person).
"""
