"""What reports say, one module a language: the same keys and the same placeholders in each; a test holds that."""
