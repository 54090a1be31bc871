"""The Spark session, the file systems it reaches, output folders, S3 and progress."""
