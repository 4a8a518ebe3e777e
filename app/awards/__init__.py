"""The award: a letter to every bidder, the standstill, objections, the final award and the record of all of it.

Reasons are written by one official, the letters that follow from them reviewed by another, then sent to all at the same
moment; the standstill counts from the right sending. An upheld objection or a running court case keeps the award from
becoming final. Easiest to break: a letter that says something else than what was reviewed; its digest is checked.
"""
