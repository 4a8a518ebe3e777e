"""Guarding progress: is the bond doing what was agreed, will its money last, and who does something about it.

Milestones, intake and effects against plan; early warnings that follow from facts, each told once to whoever must act;
corrective actions that their owner agreed to; the cash plan per month.
Easiest to break: a warning that tells a small number to somebody who may not know it. A warning goes to those who see
the figures from which it follows, and to nobody else (domain, section 9).
"""
