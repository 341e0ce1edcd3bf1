"""Third-party programs: running them, following their recipes, comparing objects."""
