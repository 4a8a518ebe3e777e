"""The direct award: a bond without a tender names its service providers itself, with the documented reason.

The leading municipality names a lead and partners with the reason why it is they; each of them is asked and accepts or
declines. When all who are named have accepted, the agreement can be drafted, with the volumes of the plan in it.
Why nothing is tendered stands on the bond (`Programme.route_reason`) and is public. Easiest to break: naming providers
for a bond that is tendered, past the call and its bidders.
"""
