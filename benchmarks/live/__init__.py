"""What the question of an open page costs, against the running stack."""
