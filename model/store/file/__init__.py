"""What only a file needs: writing it whole, and saving what can be read out of a damaged one."""
