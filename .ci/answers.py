"""Whether an address answers in time: exit 0 if it does, something else if not.

python .ci/answers.py ADDRESS SECONDS
"""

import os
import sys
import threading
import urllib.request

address, seconds = sys.argv[1], float(sys.argv[2])
# Some waits, such as that for the address of a name, have no time-out of their own.
alarm = threading.Timer(seconds, os._exit, [1])
alarm.daemon = True
alarm.start()
try:
    urllib.request.urlopen(address, timeout=seconds).close()
except (OSError, ValueError):
    sys.exit(1)
