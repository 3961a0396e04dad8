"""What holds for every test: none is judged by the time it takes, as machines differ."""

from hypothesis import settings

settings.register_profile("groundswell", deadline=None)
settings.load_profile("groundswell")
