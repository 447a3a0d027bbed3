"""The one orchestration: two arms in, a decision and its report out. The CLI, pytest and the API call it."""
