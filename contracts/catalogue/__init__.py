"""Medical catalogues as data files: critical findings and report templates, with typed loaders.

A radiologist can read and correct the YAML files beside this text; a test refuses what does not fit
the models.
"""
