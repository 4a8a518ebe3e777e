"""Keys and seals, pure: passphrases, locks under a passphrase, envelopes to a public key, layers for pairs of people.

Knows no feature, no database and no settings. Every seal is bound to what it is for (`bound_to`), so that one put in
the place of another does not open. Whatever does not open raises `DoesNotOpen` and says no more.
Easiest to break: letting a private key or a passphrase live longer than the act that needs it.
"""

from app.sealing.errors import DoesNotOpen

__all__ = ["DoesNotOpen"]
