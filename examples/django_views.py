"""A Django view that gives a viewer signed cookies for the videos on the CDN.

CFSIGN_KEY_PAIR_ID and CFSIGN_PRIVATE_KEY are in the environment of the server. The site and the CDN share a domain:
www.example.com and cdn.example.com.
"""

import json
import subprocess

from django.http import HttpResponseRedirect

COMMAND = ["cfsign", "cookies", "https://cdn.example.com/videos/*", "--expires", "6h", "--format", "json"]


def watch(request):
    # Check here whether the viewer may watch.
    output = subprocess.run(COMMAND, check=True, stdout=subprocess.PIPE).stdout
    response = HttpResponseRedirect("/player")
    for name, value in json.loads(output).items():
        response.set_cookie(name, value, domain="example.com", path="/videos/", secure=True, httponly=True)
    return response
