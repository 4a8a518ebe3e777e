"""The trail: what was done, by whom, to what, when; append-only and hash-chained.

An entry carries the salted digest of its *facts*; the facts themselves live in a row that can be purged when a
retention term ends (GDPR art. 5(1)(e)), after which `verify` still proves the chain and accepts the recorded purge.
Each entry's hash covers the hash before it, so that nobody can take one out or change one unseen.
Easiest to break: writing entries outside an operation; `append` refuses that.
"""
