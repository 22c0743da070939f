"""Values of cells and screens: numbers of persons, yuan, dates, lists in words. Pure functions."""
