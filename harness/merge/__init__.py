"""`harness merge`: shards of a run, united and scored."""
