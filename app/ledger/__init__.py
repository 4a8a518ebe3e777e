"""The books: double entry in integer minor units.

An *account* belongs to one bond and one party; a *transfer* debits one account and credits one, and is never changed.
Prepare = pending, approve = posted, reject = voided, correct = reversed: each is a transfer of its own, so that the
history is the book. A balance is a sum, never a column that the portal writes: what pages read of a whole bond, the
database keeps itself (`BookSum`) and the nightly check adds up again. Easiest to break: counting pending money as paid.
"""
