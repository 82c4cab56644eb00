"""The manual: what each verb's docstring says, as help, as text and as a manual page."""
