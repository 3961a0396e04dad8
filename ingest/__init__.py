"""The world, turned into posts and official notices."""
