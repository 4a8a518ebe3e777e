"""The register of unit costs: what a year, a place or an event costs whom, with source, price year and licence.

Organisations fill it and reuse each other's figures when they price an effect. The portal ships none of its own.
Easiest to break: calling a figure a saving in money when it is none; its class says which it is.
"""
