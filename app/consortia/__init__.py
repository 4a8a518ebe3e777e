"""Providers find each other and hand in together.

A *consortium* answers one call, or one lot of it, has one *lead* (penvoerder) and *partners*, each with its own part.
No legal form is needed to bid (art. 2.52 Aw). A partner is invited on the portal or by mail, accepts or declines, and
may leave, be replaced or be released until the plan is handed in; the lead goes over by two hands, its offer and the
other's acceptance. Whoever joins follows the call, so that calls can tell tenderers without knowing consortia.

What a partner does, its shares and its declarations are part of the plan: they lie in the vault (`vault.py`,
`parts.py`), are sealed with it, and a change asks every partner to confirm again.
When the deadline passes, open invitations lapse and a consortium without a plan handed in has not taken part.
Easiest to break: one organisation in two consortia of the same call in silence, and telling one about the other.
"""
