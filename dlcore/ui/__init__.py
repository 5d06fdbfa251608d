"""The pieces that pages share: routing, forms, live charts, state, texts."""
