"""What ``make bench`` measures: each figure beside its physical limit, taken in the same run on the same server."""
