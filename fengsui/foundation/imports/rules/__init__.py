"""What a cell, a row and a sheet mean for a register. Pure: no database, clock or file."""
