"""Who places and watches: the supervisor, its slots, its executors and its studies."""
