"""The intermediary's desk: the only place where money moves.

Capital is called pro rata to undrawn commitments, running costs are paid to providers, municipalities' payments are
received against their statements, and money is distributed to investors by the waterfall, shown before it is made.
Every outgoing payment is prepared by one person of the intermediary and approved by another (pending -> posted).
Easiest to break: distributing money that running costs were promised.
"""
