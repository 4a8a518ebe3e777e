"""Who comes in: participants, known by a pseudonym, frozen to a municipality at intake.

The leading municipality opens the *intake* (DPIA, legal basis, scale, key keeper). A *referral* of a municipality is
screened and starts, or not; a *participant* exists only as a code, an age band and a municipality; it pauses or leaves.
What is claimed for it stands in `outcomes`. The names behind the codes are with the key keeper, outside this portal.
`suppression` decides which counts of people may be shown, here and in every package above.
Easiest to break: letting anyone but provider, assessor and the participant's own municipality see a row about a person,
or storing a national number (refused in every text about a person).
"""
