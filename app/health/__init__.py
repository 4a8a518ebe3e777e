"""Is the portal well? `/healthz`: this process answers. `/readyz`: it can do its work, and so does its worker.

For load balancers and for who keeps the machine; JSON, without sign-in, and without a word that helps an attacker.
"""
