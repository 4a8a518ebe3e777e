"""Looking for partners: offers and needs of service providers for one call, and a way to write to each other.

Only service providers read the board: a government that knew who looks for whom would know the bidders. Mail addresses
are never shown; whoever is written to answers on the portal. Easiest to break: a page or trail that tells the
governments of the bond which organisations stand on the board.
"""
