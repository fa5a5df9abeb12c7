"""What the demonstration needs: drawn photographs of invented rooms and the sample values of the pattern sheet."""
