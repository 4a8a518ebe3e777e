"""One bond, mid-life, to look at: the SIB Jongvolwassenen of Enschede and Hengelo.

Exists only with `DEMO=1`: embedded database, loopback, known password, mail caught. The loader calls the operations
that the pages call, actor by actor, at historical moments (`clock.at`), so that trail, mail and books are as real as
after months of use. The euro prices were never published: these are illustrative, and every page says so.
Easiest to break: writing a row directly, where an operation would have refused.
"""
