"""A small drawn dataset in the layout of Open Images; ``scenes`` draws its photos."""
