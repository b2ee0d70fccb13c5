"""Finding passages: chunking, embeddings, BM25, snippets. Read `chunking.py` first."""
