"""Whether an address answers soon: exit 0 if it does, something else if not."""

import os
import sys
import threading
import urllib.request

PATIENCE = 8  # seconds, for the search of the name and all else together

# Some waits, such as that for the address of a name, have no time-out of their own.
alarm = threading.Timer(PATIENCE, os._exit, [1])
alarm.daemon = True
alarm.start()
try:
    urllib.request.urlopen(sys.argv[1], timeout=PATIENCE).close()
except (OSError, ValueError):
    sys.exit(1)
