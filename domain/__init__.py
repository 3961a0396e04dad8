"""The words of Groundswell, as records. They know nothing of the rest of the house."""
