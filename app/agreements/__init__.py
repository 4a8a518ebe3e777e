"""The agreement: freezes the price table, the terms and the parties; every party signs the same digest.

*Draft -> offered -> in force.* It pulls the final award (every consortium that won a lot, with volumes and discount)
or, without a tender, the providers that were named; the standing investors and the published table; from then on
settlement values effects by **this** table, whatever is published later. Each signature is a row: who, for which
organisation, when, over which digest. When the last party has signed the agreement is in force and delivery begins.

Afterwards it changes only by an *amendment* that every party signs (`amendment_operations`, `amending`, `differences`);
then `terms` say what was signed last, and `terms_at` what they said before. A party is replaced or leaves (`replacing`,
`departures`), the whole ends before its time (`termination_operations`, `ending`). Who may sign for an organisation:
`signing`, `authority_operations`. Easiest to break: letting a term change after the first signature.
"""
