class DoesNotOpen(Exception):
    """Another key, another passphrase, the seal of another thing, or bytes that were changed: which one is not told."""
