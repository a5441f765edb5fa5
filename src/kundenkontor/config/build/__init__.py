"""What ``make`` runs: the installed package, browser assets, catalogues."""
