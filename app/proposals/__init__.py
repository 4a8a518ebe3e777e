"""The sealed plan: drafted together, confirmed by each partner, handed in by the lead, unreadable until opened.

A draft is written piece by piece: every item that the call asks, and the discount, is a slot of the consortium's vault
(consortia/vault.py) with a version of its own. So two people at two pieces never meet, and the second of two at one
piece hears of the first. `pieces` says what there is to write, `forms` how, `draft_operations` keeps it, `checks` and
`budget` say what is lacking, `content` what goes into the first and the second envelope.

What is handed in is never stored in the clear: AES-GCM under a key per proposal, wrapped by `SEALING_KEY`, which lives
outside the database. Only the consortium reads its own plan; officials, rivals,
administrators and auditors get a 404. This package serves bidders only; opening belongs to `evaluation`.

What this protects against: anyone who reads pages, the database, its journal or a backup; a row put in another's
place; a plan changed after it was handed in. What it does not: somebody who controls the running server, or who holds
both the database and `SEALING_KEY`; the portal itself can then open. Before the deadline no path of the application
does so for anyone outside the consortium.
Easiest to break: putting a word of the contents into a log, a notice or the trail. Only its digest goes there.
"""
