"""The consortium call: published with weighted criteria and a deadline, open to questions, closed to the second.

*Draft -> published -> closed* (or cancelled). Weights sum to 100 and change after publication only by a rectification
that gives everybody more time (art. 2.115 Aw). Questions are answered to all (2.53); who asked is never shown. The
committee, named in the call, has *openers* and *scorers*. Whether the deadline has passed is compared at the moment of
the act; the worker only makes it visible. What a plan answers, lots, documents and contacts: `asked`; by what plans
are judged: `criteria`; what a draft lacks, page by page: `completeness`; how a public call changes:
`rectify_operations` and `rewriting`, since the database refuses without `rectifying`; more time after an outage:
`extension_operations`. Easiest to break: telling one tenderer something that the others do not get.
"""
