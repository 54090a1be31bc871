"""Calls to AWS: set up an account, upload files, launch and watch clusters and jobs."""
