"""The kernel's side of the lab extension."""

from rnnmagic.lab.link import PROTOCOL, Lab

__all__ = ["PROTOCOL", "Lab"]
