"""The intermediary's desk: the only place where money moves.

Capital is called pro rata to undrawn allotments, running costs are paid to providers, municipalities' payments are
received against their statements, and money is distributed to investors by the waterfall, shown before it is made.
Every outgoing payment is prepared by one person of the intermediary and approved by another (pending -> posted).
An investor that does not pay is reminded, then in default by two people; at the end the guarantee is called, what is
left is paid out as the round says, and the bond is closed to zero (`closing_checks`: what must be so first).
`flows` puts the bond's real money through the engine, `trace` follows a cent through the bank account.
Easiest to break: distributing money that running costs were promised. A distribution leaves in hand what is pending and
the reserve that the intermediary typed ("keep in hand for running costs").
"""
