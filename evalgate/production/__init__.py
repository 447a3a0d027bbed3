"""Production traffic: accepted, drawn, scored window by window, estimated, watched, and told."""
