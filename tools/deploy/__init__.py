"""Deploying the hub, taking it down, and going back a release: ``make deploy|undeploy|rollback``.

It checks before it does anything, tells in words what changes, and refuses what would lose data or
an address that partners know. The building and the uploading is the SAM CLI's.
"""

from __future__ import annotations
