"""All SQL: plain functions of a connection."""
