"""A small drawn dataset in the Open Images layout, and the network that was trained for it."""
