"""The bond-to-be: problem, cohort, municipalities, period, budget per year, jurisdiction, and the parties.

A *programme* is the root of one bond; everything later names it. It is drafted by an official of the leading
municipality and approved by a second one. A *party* is an organisation with one part in this bond; all rights
follow from it. The *phase* is how far the bond has come and only moves forward; `state` is the paper's own.
Easiest to break: giving one organisation two parts, such as assessor and provider.
"""
