"""Navigation and to-do lines of payments and bank accounts."""
