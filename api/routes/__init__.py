"""The API's routes, one file for each word they answer about."""
