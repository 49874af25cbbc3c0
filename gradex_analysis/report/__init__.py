"""How do notebooks become a report?"""
