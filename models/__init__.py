"""Posts become mentions: catalogue, matcher, text features, classifier, training and evaluation."""
