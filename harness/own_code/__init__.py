"""Classes that are not of this package: in a person's file, or in an installed package."""
