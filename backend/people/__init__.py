"""The people of the house: who may log in, with which role, and the PINs that disarm."""
