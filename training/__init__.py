"""How the embedded question-answering adapter was made; not needed to run it."""
