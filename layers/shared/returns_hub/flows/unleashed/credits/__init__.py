"""Returns that were processed become credit notes of Unleashed, and the other way round."""
