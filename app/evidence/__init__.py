"""Documents that prove an effect, where the agreement says that the portal keeps them (domain, section 9).

What comes in is judged by its first bytes, shown to a virus scanner (`scanning`), refused as a PDF that does more than
show something (`active`), freed of the metadata of images
(`stripping`) and encrypted under a key of its own (`locker`). What lies in the store (`storage`) has a
random name; the key lies wrapped in the database. After the audit window both are destroyed, and the row stays: that
there was a file, its kind, size and fingerprints, and when it went.
Easiest to break: handing a file out, or letting one go, without an entry in the trail.
"""
