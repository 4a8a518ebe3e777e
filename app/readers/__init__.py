"""The two-reader test (gate D2): would two people, blind to each other, classify the same files alike?

An official writes invented files around the threshold of an effect; two readers judge each of them yes or no; agreement
and Cohen's kappa are computed when both are done. Easiest to break: blindness. Nobody, not even an official, may see a
verdict before the second reader has judged, and whoever wrote the definition or the files never reads them.
"""
