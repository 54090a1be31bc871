"""The engines that run a network in a worker: OpenVINO, or Keras as the reference."""

from sparkles.models.engines.engine import Engine, Pending, load_engine, save_for_engine

__all__ = ["Engine", "Pending", "load_engine", "save_for_engine"]
