"""Amazon EMR, without Spark: estimate a job, write and check a configuration, run it on a cluster.

``cost`` knows instance types, prices and rates; ``config`` writes and validates requests;
``cluster`` sends them to AWS and follows what runs.
"""
