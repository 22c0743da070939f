"""未比中人员核对: rows of the departments' lists that match nobody in the registry, settled by a person and
remembered for the department's next list (Art. 7(2)1)."""
