"""`python -m gateway`."""

import uvloop

from gateway.app import main

if __name__ == "__main__":
    uvloop.run(main())
