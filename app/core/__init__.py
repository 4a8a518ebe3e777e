"""What every room stands on, and what knows none of them.

An *operation* is one transaction in which a person changes something and the trail says so; a *flow* says when a
step may be taken; *money* is an integer of minor units; the *clock* is the one place that asks the time.
A rule of the domain that a person can mend is `Refused`; a step out of its time is `NotNow`.
Easiest to break: changing rows outside an operation. `operation` refuses to start over such changes.
"""
