"""The dashboard of the template as a page on this machine; see decision 0025."""
