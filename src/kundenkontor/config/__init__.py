"""Settings, start-up, the embedded database and the routes: what ties the packages to one running application."""
