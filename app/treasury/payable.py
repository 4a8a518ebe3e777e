"""Whether an organisation can be paid: it is when an account of it is in use, which the package of the bank knows."""

import uuid
from collections.abc import Callable

HAS_ACCOUNT: list[Callable[[uuid.UUID], bool]] = []  # the bank, which stands above, adds to it


def can_be_paid(organisation_id: uuid.UUID) -> bool:
    """Without an account in use the bank carries out nothing."""
    return all(has_one(organisation_id) for has_one in HAS_ACCOUNT)
