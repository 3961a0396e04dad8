"""Moves things along: the steps that join the rooms, the Celery app whose tasks call them, the stack."""
