"""Wikipedia, an ability of the Log and of who puts it together with others. Read `controller.py` first."""
