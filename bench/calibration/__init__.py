"""How far leukon's probabilities can be trusted: virtual patients and published records against what was said."""
