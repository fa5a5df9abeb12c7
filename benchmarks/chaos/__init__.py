"""Everything dies at random under load, and afterwards nothing acknowledged is lost and nothing is doubled."""
