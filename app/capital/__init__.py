"""Investors' capital: the round, who committed what, and the order in which money goes back.

A *round* has a target, a minimum and *tranches*; invited investors *commit* (hard, signed); when the target is reached
the consortium of investors *stands* and every commitment is allotted, or the round fails and all are released.
`waterfall` is pure: money in -> who gets what. This is no public offering and no trading platform.
Easiest to break: taking a commitment above what is left of the round.
"""
