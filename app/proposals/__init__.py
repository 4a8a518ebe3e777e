"""The sealed plan: drafted together, confirmed by each partner, handed in by the lead, unreadable until opened.

A draft is written piece by piece: every item that the call asks, and the discount, is a slot of the consortium's vault
(consortia/vault.py) with a version of its own. So two people at two pieces never meet, and the second of two at one
piece hears of the first. `pieces` says what there is to write, `forms` how, `draft_operations` keeps it, `checks` and
`budget` say what is lacking, `content` what goes into the first and the second envelope.

Handing in seals the plan, and apart from it
what it asks in money, to the public keys of the call (`envelope`), whose private halves only two of its officials
together can reach; the draft and its key are destroyed. The consortium keeps a copy under a passphrase that the portal
shows once and keeps nowhere. Only the consortium reads its own plan; officials, rivals, administrators and auditors get
a 404. This package serves bidders only; opening belongs to `evaluation`.

What this does not protect against: whoever controls the running server while a plan is written, handed in, read or
opened; two officials together with control of the server; drafts, for whoever holds the database and `SEALING_KEY`.
Easiest to break: putting a word of the contents, or a passphrase, into a log, a notice or the trail. Only digests go
there.
"""
