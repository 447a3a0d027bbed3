"""Production traffic as it comes in: what senders write becomes Interactions. Stores nothing, opens no socket."""
