"""What the council and the public read: results per bond, and for the auditor the trail.

Pages and queries only, no rows of its own yet. Every count that could point at a person is suppressed below five, with
the amount it would reveal (`intake.suppression`). Easiest to break: a total from which a suppressed count follows.
"""
