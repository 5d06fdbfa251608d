"""Administration: the queue, who uses how much, what was reported, members, health and the log; for admins alone."""

from dlcore.ui.admin.page import admin_page

admin_page()
