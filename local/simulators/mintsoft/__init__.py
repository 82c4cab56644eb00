"""A simulator of Mintsoft, the warehouse."""
