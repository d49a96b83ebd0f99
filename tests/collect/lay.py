#!/usr/bin/python3
"""Lays the lab's C folder onto the disk of a Wine prefix, whose folders have other letter cases: lay.py FROM TO"""
import os
import shutil
import sys


def place(root, parts):
    """The path below root as it is spelled there, made where it is missing."""
    here = root
    for part in parts:
        names = os.listdir(here)
        same = [n for n in names if n.lower() == part.lower()]
        here = os.path.join(here, same[0] if same else part)
        if not os.path.isdir(here):
            os.mkdir(here)
    return here


source, target = sys.argv[1], sys.argv[2]
for folder, _, files in os.walk(source):
    below = os.path.relpath(folder, source)
    there = place(target, [] if below == "." else below.split(os.sep))
    for name in files:
        shutil.copy2(os.path.join(folder, name), os.path.join(there, name))
