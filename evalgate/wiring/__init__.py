"""Where concrete classes meet: settings from the environment, the catalogue of checks, the tools of a gate."""
