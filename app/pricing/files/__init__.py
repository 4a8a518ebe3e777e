"""A price table as a file: `bewezen-prices/1` (JSON, CSV, .xlsx), its import into a draft, and a `replay/1` skeleton.

`columns` is the one list of columns; `cells` says how each kind of value is written and read; `document` is what leaves
the portal, `upload` what comes in, `checking` what an import would change. Amounts are decimal strings, never floats.
Easiest to break: the round trip. What `cells` writes it must read back as the same value.
"""
