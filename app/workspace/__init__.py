"""What waits for me, across all bonds: queries and pages only, no operations on other packages' rows.

The shell (navigation, language, unread count) stands on every page; home answers what waits for me, where each bond
stands, what happened lately. Easiest to break: counting as waiting what is not this person's to do.
"""
