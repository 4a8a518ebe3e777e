"""How people get in: registration, invitations, memberships, sign-in pages, the profile.

Signing in, confirming, resetting and changing a password are the sign-in library's; ours are the organisation that
registers itself (*registered -> vetted*), the invitation (a link that works once, expires, and tells nobody who has an
account) and the kept form (what was typed when a session ended comes back after sign-in, encrypted, 30 minutes).
Easiest to break: answering differently for an address that has an account and one that has none.
"""
