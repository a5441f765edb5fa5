"""The database: its address, the embedded server, roles, migrations, archives."""
