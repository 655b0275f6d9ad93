"""
The register: incidents, what people decided about them, self-reports, and the audit trail of it all.

A job opens a register with `connect.open_register` and then calls `services`. Importing this package alone does
not import Django; `services` and `connect` do.
"""
