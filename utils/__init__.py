"""Tools that know nothing of bnaGPT. Each room stands alone; read the one that you need."""
