"""The seed of the draws: published, so that anyone can repeat them."""

import secrets

SEEDS = 10**12


def new_seed() -> int:
    return secrets.randbelow(SEEDS)
