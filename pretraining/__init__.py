"""How the ground is made, from real posts that are not part of the repository. Development only."""
