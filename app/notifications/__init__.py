"""Who is told: one row is inbox item and outgoing mail at once.

`notify` renders the exact words in each reader's language at the moment of the act, in the same transaction, so that
the notice stands or falls with the change it tells of. A worker (`flask worker`) sends over SMTP with retries; a
repeat after a kill keeps its Message-ID. In demonstration mode mail is *caught*: shown at `/dev/mail`, never sent.
Easiest to break: naming in a notice what its reader may not see.
"""
