"""Events, integrity, jobs and the business clock."""
