"""The sealed plan: drafted together, confirmed by each partner, handed in by the lead, unreadable until opened.

A draft lies in the vault of the consortium (`consortia.vault`), encrypted. Handing in seals the plan, and apart from it
what it asks in money, to the public keys of the call (`envelope`), whose private halves only two of its officials
together can reach; the draft and its key are destroyed. The consortium keeps a copy under a passphrase that the portal
shows once and keeps nowhere. Only the consortium reads its own plan; officials, rivals, administrators and auditors get
a 404. This package serves bidders only; opening belongs to `evaluation`.

What this does not protect against: whoever controls the running server while a plan is written, handed in, read or
opened; two officials together with control of the server; drafts, for whoever holds the database and `SEALING_KEY`.
Easiest to break: putting a word of the contents, or a passphrase, into a log, a notice or the trail. Only digests go
there.
"""
