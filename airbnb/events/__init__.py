"""The bus: facts are published in the transaction that made them true, and every listener has a receipt."""
