"""Word vectors from outside (GloVe, fastText, word2vec): read, kept by name, and found for a vocabulary.

What pages may import is `stored`; the readers of strangers' files are `text_file`, `reading` and `storing`.
"""
