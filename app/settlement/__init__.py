"""From signed-off effects to amounts per municipality, each cent explained.

*Prepared -> checked by a second person -> approved by every municipality -> paid.* A settlement pulls the effects that
were signed off, values the whole history by the agreement's price table (`pricing.valuation`, the same functions as
`flask replay`) and keeps a *line* per claim with its steps, and a *statement* per municipality for its own residents.
Approved by all, each statement has an *invoice*; it is paid at once or in parts; a municipality may *dispute* it, and
is answered by a *correction* beside it with a credit note, never by an edit.
Easiest to break: valuing by the newest table instead of the agreement's.
"""
