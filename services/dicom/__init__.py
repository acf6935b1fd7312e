"""DICOM bytes in, our own frozen types out: the only place that interprets DICOM files.

Whatever a sender puts into a file, these modules answer in bounded time and memory: a value of our
own types, or one `UnreadableInstance` whose sentence holds no patient data.
"""
