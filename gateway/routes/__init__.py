"""One file per resource; each route names the action that it is, and says what it answers."""
