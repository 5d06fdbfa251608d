"""Account: what is left of your budget, what is yours, and how to take it away or delete it."""

from dlcore.ui.account.page import account_page

account_page()
