"""未比中人员核对: rows of the departments' lists that the registry could not tell, settled by a person and
remembered for the department's next list (Art. 7(2)1)."""
