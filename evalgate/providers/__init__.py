"""How models are asked: one protocol, two transports, the same replies, troubles and prices whichever is used.

`select` chooses the transport, `direct` and `via_litellm` are the transports, `retry` and `limiter` keep the pace.
`direct` and `via_litellm` bring their libraries with them; only `select.open_client` imports them.
"""
