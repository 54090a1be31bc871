"""Networks: their registry, their weights, and the engines that run them."""

from sparkles.models.artifact import NetworkArtifact, prepare_network
from sparkles.models.network import NetworkSettings
from sparkles.models.registry import lookup_model, model_names
from sparkles.models.spec import ModelSpec, Pooling, Preprocessing

__all__ = [
    "ModelSpec",
    "NetworkArtifact",
    "NetworkSettings",
    "Pooling",
    "Preprocessing",
    "lookup_model",
    "model_names",
    "prepare_network",
]
