"""Providers find each other and hand in together.

A *consortium* answers one call, has one *lead* (penvoerder) and *partners*, each with its own part; a partner is
invited, accepts or declines, and may leave until the plan is handed in. No legal form is needed to bid (art. 2.52 Aw).
Whoever joins follows the call, so that calls can tell tenderers without knowing consortia.
When the deadline passes, open invitations lapse and a consortium without a plan handed in has simply not taken part.
Easiest to break: letting one organisation into two consortia of the same call.
"""
