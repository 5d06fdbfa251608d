"""What an experiment is: begun, a single run, or a search."""

RUN, SEARCH, DRAFT = "run", "search", "draft"
