"""A letterhead by itself: the sample that says whether a picture can stand on documents."""
