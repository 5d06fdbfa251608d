"""Figures: data, then a small frozen record of what is to be seen, then Plotly. No Streamlit, no store.

The page's theme gives fonts and colours; texts go through the `translate` of the caller.
"""
