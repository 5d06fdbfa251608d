"""Forms made from spec classes, and the dimensions of a search beside their fields."""
