"""Learn: deep learning from the beginning, with what can be tried and with a network of one's own."""

from dlcore.ui.learn.page import learn_page

learn_page()
