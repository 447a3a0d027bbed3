"""The service over HTTP: who may come in, the JSON API, and what keeps both safe and watched."""
