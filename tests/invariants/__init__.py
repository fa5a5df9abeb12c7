"""Every invariant is silent over honest work and loud over one row that breaks it."""
