"""What runs a network: each engine loads a payload and turns pixels into features."""

from sparkles.models.engines.engine import Engine, load_engine, save_for_engine

__all__ = ["Engine", "load_engine", "save_for_engine"]
