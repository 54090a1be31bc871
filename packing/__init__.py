"""Build the wheel and the environments for ``spark-submit --archives`` (`make package`)."""
