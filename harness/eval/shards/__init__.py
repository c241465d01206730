"""The run of a shard, and what it says of itself."""
