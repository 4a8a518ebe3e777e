"""The consortium call: published with weighted criteria and a deadline, open to questions, closed to the second.

*Draft -> published -> closed* (or cancelled). Weights sum to 100 and do not change after publication (art. 2.115 Aw).
Questions are answered to all (2.53); who asked is never shown. The committee, named in the call, has *openers* and
*scorers*. Whether the deadline has passed is compared at the moment of the act; the worker only makes it visible.
Easiest to break: telling one tenderer something that the others do not get.
"""
