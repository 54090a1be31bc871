"""What Python users call: each command as a function of keywords, with DataFrames or paths."""

from sparkles.interface.functions import (
    evaluate,
    explain,
    explore,
    featurize,
    predict,
    prepare,
    train,
)

__all__ = ["evaluate", "explain", "explore", "featurize", "predict", "prepare", "train"]
