"""Static files under the hash of their content, the modules of our own scripts included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# import … from "./name.js", export … from "./name.js", import "./name.js": at the beginning of a line, as the
# formatter of the scripts keeps them.
IMPORT = r"""(?m)^(?P<matched>(?P<before>(?:import|export)\b(?:[^"';]*?\bfrom)?\s*)"(?P<url>\.[^"]+)")"""


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites imports in our own scripts. Django can do so for every script, but then trips over those of
    the libraries, which name files that they don't bring."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((IMPORT, '%(before)s"%(url)s"'),)),
    )
    max_post_process_passes = 20  # one for each step from a module to what it imports
