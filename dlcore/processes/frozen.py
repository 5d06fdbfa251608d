"""Imported last by a process that others are forked from: hides from their garbage collectors all that is there.

A collector writes to each object it walks, and so copies the memory that a child shares with its parent: 95 MB and
0.3 s before the first batch, in a child of a process that has imported Keras.
"""

import gc

gc.collect()
gc.freeze()
