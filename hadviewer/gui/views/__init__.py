"""Widgets that show plain data and tell by signals; they know no session, cube or job."""
