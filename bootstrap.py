"""Makes the virtual environment ``.venv``, once for each change of what it shall hold.

Runs on any Python 3, so that one which is too old can say so; uses nothing but the standard library.
"""

import hashlib
import os
import subprocess
import sys

NEEDED = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
SMALLEST = "requirements.txt"
LOG = os.path.join(ROOT, "var", "log", "install.log")

# What pip says when an installation fails, and what a person can do about it.
MENDS = (
    (("gcc' failed", "cc' failed", "clang' failed", "unable to execute", "no acceptable c compiler",
      "Unknown compiler", "CompilerNotFound", "invalid active developer path", "Rust compiler", "Rust not found"),
     "a package must be built here and there is no compiler for it: use Python 3.11 to 3.13, for which every "
     "package comes ready-made, or install a compiler (Debian: apt-get install build-essential; "
     "macOS: xcode-select --install)"),
    (("No space left on device",), "the disk is full"),
    (("Could not find a version", "No matching distribution"),
     "a package has no release for this Python and machine, or the package registry cannot be reached"),
    (("Temporary failure in name resolution", "NewConnectionError", "ConnectTimeout", "ProxyError"),
     "the package registry cannot be reached: is there a network?"),
)  # fmt: skip


def stop(why):
    sys.stderr.write("groundswell: " + why + "\n")
    sys.exit(1)


def stamp_of(requirements):
    """What the environment depends on, as one number."""
    # The folder too: an environment that was moved or copied along still points to where it was made.
    digest = hashlib.sha256((sys.version + ROOT).encode("utf-8", "surrogateescape"))
    for name in ("requirements.txt", requirements, "pyproject.toml", "bootstrap.py"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def is_made(requirements):
    """Whether the environment is there and holds this set."""
    stamp = os.path.join(VENV, "made-from-" + requirements)
    if not os.path.exists(PYTHON) or not os.path.exists(stamp):
        return False
    with open(stamp) as file:
        return file.read() == stamp_of(requirements)


def run(command, what):
    """Run a command with its output in the log; a failure ends in one line."""
    with open(LOG, "ab") as log:
        failed = subprocess.call(command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    if failed:
        with open(LOG, "rb") as log:
            told = log.read().decode("utf-8", "replace")
        for signs, mend in MENDS:
            if any(sign in told for sign in signs):
                stop("%s failed: %s (all of it: %s)" % (what, mend, LOG))
        stop("%s failed; the last words are in %s" % (what, LOG))


def main():
    requirements = sys.argv[1]
    if sys.version_info < NEEDED:
        stop(
            "Python %d.%d is too old, 3.11 or newer is needed: name one, as in make PYTHON=python3.12"
            % sys.version_info[:2]
        )
    if is_made(requirements):
        return
    os.makedirs(os.path.dirname(LOG), exist_ok=True)
    open(LOG, "w").close()
    sys.stderr.write("Installing into .venv from %s (a minute or two, once) ...\n" % requirements)
    try:
        import ensurepip  # noqa: F401 - only to see whether it is there
        import venv  # noqa: F401
    except ImportError:
        stop("this Python cannot make a virtual environment: install its venv module "
             "(Debian: apt-get install python3-venv)")  # fmt: skip
    if not is_made(SMALLEST):  # the larger set only adds to the smaller one
        run([sys.executable, "-m", "venv", "--clear", VENV], "making .venv")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install"]
    run([*pip, "-r", requirements], "installing the packages")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], "installing Groundswell itself")
    for made in (SMALLEST, requirements):
        with open(os.path.join(VENV, "made-from-" + made), "w") as file:
            file.write(stamp_of(made))


try:
    main()
except KeyboardInterrupt:
    stop("interrupted; the next call begins anew")
except EnvironmentError as error:  # no right to write here, a full disk
    stop("%s: %s" % (error.filename, error.strerror))
