"""What the dashboard's custom widgets show: HTML, made here and nowhere else.

No script, no link out, nothing fetched. Every text is escaped by construction (`html`), every
style is scoped to the widget (`style`), and nothing here knows AWS.
"""
